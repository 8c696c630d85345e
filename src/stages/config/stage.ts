import { MusterError } from "../../domain/errors/errors.ts";
import { catalogueFile } from "../../domain/settings/paths.ts";
import { formatPosition } from "../../domain/settings/problem.ts";
import type { PinnedRole } from "../../ports/catalogue-reader.ts";
import type { CommitHead } from "../../ports/config-repo.ts";
import type { PlannedStep, StageContext, StageResult } from "../../ports/stage-context.ts";
import { act } from "./act.ts";
import { bringUpToDate } from "./fetch.ts";
import { checkContent, observeContent } from "./content.ts";
import { observeCommit, observeRefs } from "./observe.ts";
import {
  catalogueTextOf,
  checkTrust,
  kindBefore,
  marksFor,
  planSteps,
  resolveRef,
  roleOf,
  shortOf,
  twinOf,
} from "./plan.ts";
import type { ConfigStep } from "./plan.ts";
import type { AppliedConfig, ConfigInput, ConfigPorts, ConfigResult } from "./result.ts";

/** The result of a dry run for the later stages: everything but the worktree, which it does not make. */
export type PlannedConfig = Omit<ConfigResult, "directory">;

/**
 * Fetches the config repo, chooses the commit that this instance is to be configured from, and checks it out.
 * @throws MusterError as ConfigRepo.fetch; `ref-not-allowed`, `ref-unknown`, `ref-ambiguous`,
 *   `commit-unsigned`, `commit-signature-bad`, `commit-before-since`, `history-rewritten`, `catalogue-missing`, `catalogue-invalid`,
 *   `role-unknown`,
 *   `config-content-missing`
 */
export async function configStage(
  input: ConfigInput,
  ports: ConfigPorts,
  context: StageContext,
): Promise<StageResult<ConfigResult>> {
  try {
    return await apply(input, ports, context);
  } catch (error) {
    if (!(error instanceof MusterError) || error.code !== "config-mirror-damaged") throw error;
    context.warn(error.code, error.message);
    // The damage is marked: this time the fetch builds a new mirror, if the server can be reached.
    return apply(input, ports, context);
  }
}

/** What `configStage` would do, found out in a temporary clone; changes nothing on this host. */
export async function planConfig(
  input: ConfigInput,
  ports: ConfigPorts,
  context: StageContext,
): Promise<{ steps: readonly PlannedStep[]; value: PlannedConfig }> {
  const scratch = await ports.repo.scratch(context.signal);
  try {
    const inScratch = { ...ports, repo: scratch.repo };
    const fetched = await bringUpToDate(input, inScratch, context);
    const choice = await choose(input, inScratch, context);
    const { chosen, role, entry, head } = choice;
    const steps = planSteps(chosen, input).map((step) => planned(step, choice, input));
    return { steps, value: { ...chosen, role, entry, fetched, ...head } };
  } finally {
    await scratch.dispose();
  }
}

async function apply(
  input: ConfigInput,
  ports: ConfigPorts,
  context: StageContext,
): Promise<StageResult<ConfigResult>> {
  const fetched = await bringUpToDate(input, ports, context);
  const { chosen, role, entry, head } = await choose(input, ports, context);
  const { commit, ref, refKind } = chosen;
  let directory = "";
  for (const step of planSteps(chosen, input)) {
    directory = (await act(step, ports.repo, context)) ?? directory;
  }
  return {
    value: { ...chosen, role, entry, directory, fetched, ...head },
    outcome: commit === input.applied?.commit ? "unchanged" : "changed",
    summary: `${describe(chosen, head.subject)}, role ${role.name}${fetched ? "" : ", from the local mirror (offline)"}`,
    facts: { commit, ref, refKind, role: role.name, fetched, ...head },
  };
}

type Choice = PinnedRole & {
  readonly chosen: AppliedConfig;
  readonly head: CommitHead;
};

/** From the requested ref to an allowed commit and the role in its catalogue. */
async function choose(
  input: ConfigInput,
  { repo, reader }: Pick<ConfigPorts, "repo" | "reader">,
  context: StageContext,
): Promise<Choice> {
  const { signal } = context;
  const { selection, source } = input;
  const refs = await observeRefs(repo, selection.ref.value, signal);
  const chosen = resolveRef(selection.ref, refs, source.refs, kindBefore(input));
  const twin = twinOf(selection.ref, chosen, refs);
  if (twin !== undefined) context.warn("ref-ambiguous", twin);
  const marks = marksFor(chosen, selection.ref, input.marks, refs);
  const observed = await observeCommit(repo, chosen, marks, source, signal);
  checkTrust(chosen, observed, input);
  const text = catalogueTextOf(chosen, observed);
  const own = reader.read(text, `${catalogueFile}@${shortOf(chosen.commit)}`, selection.role.value);
  const { role, entry } = roleOf(own, selection.role, chosen);
  for (const former of own.formerKeys) {
    context.warn("catalogue-key-renamed", `${formatPosition(former)}: ${former.message}`);
  }
  const partial = checkContent(chosen, role, await observeContent(repo, chosen, role, signal));
  if (partial !== undefined) context.warn("config-content-partial", partial);
  return { chosen, role, entry, head: observed.head };
}

function planned(step: ConfigStep, { chosen, head }: Choice, { applied }: ConfigInput): PlannedStep {
  switch (step.kind) {
    case "check-out": {
      const before =
        applied === undefined ? "nothing was applied before" : `${shortOf(applied.commit)} was applied last`;
      return { text: `check out ${describe(chosen, head.subject)}`, details: [before] };
    }
    case "prune":
      return { text: "remove worktrees of older commits", details: [`kept: ${step.keep.map(shortOf).join(", ")}`] };
  }
}

/** As `main at 1a2b3c4d5e6f "nginx: more workers"`. */
function describe({ ref, refKind, commit }: AppliedConfig, subject: string): string {
  const at = refKind === "commit" ? `commit ${shortOf(commit)}` : `${ref} at ${shortOf(commit)}`;
  return `${at} ${JSON.stringify(subject)}`;
}
