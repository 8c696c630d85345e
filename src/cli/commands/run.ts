import { MusterError } from "../../domain/errors/errors.ts";
import { nearest } from "../../domain/text/nearest.ts";
import { exitCodeOf, stageNames, type RunRequest, type StageName } from "../../domain/run/run.ts";
import { fromCommandLine } from "../../domain/role/selection.ts";
import { parseDuration } from "../../domain/text/units.ts";
import type { Agent } from "../../ports/agent.ts";
import type { Command, CommandInput } from "../command.ts";
import { work } from "../terminal/work.ts";

/** `muster run`: a run by hand. */
export function runCommand(deps: { connect(): Promise<Agent> }): Command {
  return {
    name: "run",
    summary: "make a run by hand, in the foreground, with progress",
    details: `Stages: ${stageNames.join(" ")}. Without one, all of them; clock, identity and config always run,
patch brings index, and register, dns and tags go together, behind health.
While the daemon lives the run is made there, and Ctrl-C only detaches from it.

Exit status: 0 done, 1 a stage failed, 2 usage, 3 held (not in service),
4 a reboot is due and was not made, 75 another run holds the lock.`,
    arguments: [{ name: "stage", summary: "only these stages", variadic: true, optional: true }],
    options: [
      { flags: "-n, --dry-run", summary: "print the plan and change nothing" },
      { flags: "--ref <ref>", summary: "a trial on this host: another branch, tag or commit that the settings allow" },
      { flags: "--role <role>", summary: "a trial on this host: another role of the catalogue" },
      { flags: "--no-reboot", summary: "go on without a reboot that is due, and say so" },
      { flags: "--lock-wait <time>", summary: "how long to wait for another run (default: 10m)" },
      { flags: "-v, --verbose", summary: "also show what external commands print" },
      { flags: "--json", summary: "events and outcome as JSON lines" },
    ],
    async run(input, io) {
      const request = requestOf(input);
      const waitMs = lockWaitOf(input);
      const agent = await deps.connect();
      return work(input, io, async (onEvent) => agent.run(request, waitMs, onEvent, io.signal), exitCodeOf);
    },
  };
}

function requestOf({ args, options }: CommandInput): RunRequest {
  const stages = args.map(stageOf);
  const ref = fromCommandLine("ref", textOf(options["ref"]));
  const role = fromCommandLine("role", textOf(options["role"]));
  return {
    cause: "manual",
    dryRun: options["dryRun"] === true,
    ...(stages.length === 0 ? {} : { stages }),
    ...(ref === undefined ? {} : { ref: ref.value }),
    ...(role === undefined ? {} : { role: role.value }),
    // commander turns --no-reboot into an option that is true until it is given.
    ...(options["reboot"] === false ? { noReboot: true } : {}),
  };
}

function textOf(option: string | boolean | undefined): string | undefined {
  return typeof option === "string" ? option : undefined;
}

/** @throws MusterError `usage-unknown-stage` */
export function stageOf(word: string): StageName {
  const stage = stageNames.find((name) => name === word);
  if (stage !== undefined) return stage;
  const near = nearest(word, stageNames);
  throw new MusterError({
    code: "usage-unknown-stage",
    message: `There is no stage ${JSON.stringify(word)}${near === undefined ? "" : `; did you mean "${near}"?`}`,
    hint: `Stages are: ${stageNames.join(" ")}`,
  });
}

/** How long to wait for the lock, in milliseconds. */
export function lockWaitOf({ options }: CommandInput): number {
  const text = options["lockWait"];
  if (typeof text !== "string") return 600_000;
  const ms = text === "0" ? 0 : parseDuration(text);
  if (ms !== undefined) return ms;
  throw new MusterError({
    code: "usage-duration",
    message: `--lock-wait takes a duration, not ${JSON.stringify(text)}`,
    hint: "Write it like 30s, 5m or 1h; 0 does not wait at all.",
  });
}
