import type { RunEnd } from "../../domain/run/run.ts";
import type { Agent } from "../../ports/agent.ts";
import type { Command } from "../command.ts";
import { work } from "../terminal/work.ts";

export type CancelDeps = {
  connect(): Promise<Agent>;
  /** The login name of the user who asks. */
  readonly who: string;
};

/** `muster cancel`. */
export function cancelCommand(deps: CancelDeps): Command {
  return {
    name: "cancel",
    summary: "end the run under way; a package transaction is over first",
    details: `An instance in service stays there. One that was not in service yet is held, and tried again by itself; muster pause keeps it from that.

Exit status: 0 the run was cancelled or none was under way, 1 the run ended before it could be cancelled, 75 it is made by a command in the foreground: end it there.`,
    options: [
      { flags: "-v, --verbose", summary: "also show what external commands print" },
      { flags: "--json", summary: "events and outcome as JSON lines" },
    ],
    async run(input, io) {
      const agent = await deps.connect();
      return work(input, io, (onEvent) => agent.cancel(deps.who, onEvent, io.signal), exitStatusOf);
    },
  };
}

function exitStatusOf(end: RunEnd): number {
  if ("error" in end) return end.error.code === "run-cancelled" ? 0 : 1;
  return end.kind === "done" && end.note !== undefined ? 0 : 1;
}
