import type { EventListener } from "../domain/events.ts";
import type { RunEnd } from "../domain/run.ts";
import type { CommandInput, CommandIo } from "./command.ts";
import { describeEnd, showProgress } from "./progress.ts";
import { styleFor } from "./style.ts";

/** Shows work of the agent while it goes on and how it ended; returns the exit status. */
export async function work(
  input: CommandInput,
  io: CommandIo,
  begin: (onEvent: EventListener) => Promise<RunEnd>,
  exitCode: (end: RunEnd) => number,
): Promise<number> {
  if (input.options["json"] === true) {
    const end = await begin((event) => io.out(`${JSON.stringify(event)}\n`));
    io.out(`${JSON.stringify({ type: "end", end })}\n`);
    return exitCode(end);
  }
  const progress = showProgress(io, input.options["verbose"] === true);
  try {
    const end = await begin(progress.onEvent);
    progress.stop();
    io.out(`${describeEnd(end, styleFor(io.color))}\n`);
    return exitCode(end);
  } catch (error) {
    progress.stop();
    if (io.signal.aborted) io.err("muster: interrupted; what the daemon does goes on: muster status --wait\n");
    throw error;
  }
}
