import type { PinnedConfig } from "../../domain/instance/status.ts";
import type { ExplainInput } from "./input.ts";
import { stageOf, type Situation } from "./situation.ts";
import { moment, short } from "./words.ts";

/** The commit with its author, why it was chosen, and the one before. */
export function commitLines(input: ExplainInput): readonly string[] {
  const { status, applied, now } = input;
  const config = status?.config;
  if (config === undefined) {
    if (applied !== undefined)
      return [`none chosen in this run; applied last: ${nameOf(applied, now)}`, asApplied(applied, now)];
    if (status?.run === undefined) return [];
    return [status.run.finished ? "none: the run ended before it chose one" : "none chosen yet"];
  }
  const { commit, ref, refKind, fetched } = config;
  // A join goes on with what was applied: why that was chosen is what a person asks.
  const kept = refKind === "commit" && applied?.commit === commit && applied.refKind !== "commit";
  if (kept) return [nameOf(config, now), asApplied(applied, now)];
  const named = { branch: `head of branch ${ref}`, tag: `tag ${ref}`, commit: "asked for by its id" }[refKind];
  const asked = status?.selection === undefined ? "" : ` (${status.selection.ref.from})`;
  const origin = fetched ? "fetched from the git server" : "from the local mirror: the git server did not answer";
  const former = formerOf(input);
  const earlier =
    former !== undefined
      ? `before it: ${short(former)}`
      : config.before === undefined
        ? "nothing was applied before"
        : "applied before";
  return [nameOf(config, now), `${named}${asked}, ${origin}; ${earlier}`];
}

/** What a person can do where the commit itself may be what fails; none where there was no other before. */
export function wayBack(situation: Situation, input: ExplainInput): readonly string[] {
  const stage = stageOf(situation);
  const commit = input.status?.config?.commit;
  const former = formerOf(input);
  if (commit === undefined || former === undefined || (stage !== "converge" && stage !== "health")) return [];
  return [
    `If the commit is the cause: git revert ${short(commit)} in the config repo, or muster run --ref ${short(former)} for the one before`,
  ];
}

/** The last applied commit that is another one. */
function formerOf({ status, applied }: ExplainInput): string | undefined {
  const config = status?.config;
  if (config === undefined) return undefined;
  if (config.before !== config.commit) return config.before;
  return applied?.commit === config.commit ? applied.former : undefined;
}

type Named = Pick<PinnedConfig, "commit" | "committedAt" | "author"> & { readonly subject?: string };

function nameOf({ commit, subject, author, committedAt }: Named, now: string): string {
  const said = subject === undefined ? "" : ` "${subject}"`;
  const by = author === undefined ? "" : ` by ${author}`;
  return `${short(commit)}${said}${by}${committedAt === undefined ? "" : `, ${moment(committedAt, now)}`}`;
}

function asApplied({ ref, refKind, at }: NonNullable<ExplainInput["applied"]>, now: string): string {
  const as = { branch: `as head of branch ${ref}`, tag: `as tag ${ref}`, commit: "by its id" }[refKind];
  return `applied ${as} at ${moment(at, now)}`;
}
