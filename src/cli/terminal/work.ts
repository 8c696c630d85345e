import type { ErrorReport } from "../../domain/errors/errors.ts";
import type { EventListener } from "../../domain/run/events.ts";
import type { RunEnd } from "../../domain/run/run.ts";
import { interrupted, type CommandInput, type CommandIo } from "../command.ts";
import { showProgress } from "./progress.ts";
import { plain, styleFor, wrap } from "./style.ts";
import { jsonText } from "./text.ts";

/** Shows the agent's work while it goes on, and its result; returns the exit status. */
export async function work(
  input: CommandInput,
  io: CommandIo,
  begin: (onEvent: EventListener) => Promise<RunEnd>,
  exitCode: (end: RunEnd) => number,
): Promise<number> {
  if (input.options["json"] === true) {
    const end = await begin((event) => io.out(`${jsonText(event)}\n`));
    io.out(`${jsonText({ type: "end", end })}\n`);
    return cancelled(end, io) ? interrupted : exitCode(end);
  }
  const progress = showProgress(io, input.options["verbose"] === true);
  try {
    const end = await begin(progress.onEvent);
    progress.stop();
    io.out(`${describeEnd(end, io)}\n`);
    return cancelled(end, io) ? interrupted : exitCode(end);
  } catch (error) {
    progress.stop();
    if (io.signal.aborted) io.err("muster: interrupted; where a daemon lives its work goes on: muster status --wait\n");
    throw error;
  }
}

/** Whether this command cancelled its own work: that says nothing about the instance. */
function cancelled(end: RunEnd, { signal }: CommandIo): boolean {
  return signal.aborted && "error" in end && end.error.code === "run-cancelled";
}

/** The last line of a run: the state of the instance after it. */
function describeEnd(end: RunEnd, io: CommandIo): string {
  const { good, warn, bad } = styleFor(io);
  switch (end.kind) {
    case "in-service":
      return `${good("in service")}${end.changed ? "" : ", nothing had to be changed"}${refusal(end, io)}`;
    case "rebooting":
      return wrap(
        `${warn("rebooting")} (planned): ${plain(end.reasons.join("; "))}; the run goes on afterwards`,
        io.columns,
        2,
      );
    case "unconfirmed":
      return wrap(`${warn("in service")} as before: ${plain(end.note)}`, io.columns, 2);
    case "done":
      if (end.note !== undefined) return wrap(`${good("done")}: ${plain(end.note)}`, io.columns, 2) + refusal(end, io);
      return `${good("done")}${end.changed ? "" : ", nothing had to be changed"}${refusal(end, io)}`;
    case "held":
      return withError(`${bad("held")} (out of service) at ${end.stage}`, end.error, io);
    case "failed":
      return withError(`${bad("failed")} at ${end.stage}`, end.error, io);
  }
}

/** A reboot is due and was not made: the exit status says so too. */
function refusal({ rebootRefused: why }: { readonly rebootRefused?: string }, { columns }: CommandIo): string {
  return why === undefined ? "" : `\n${wrap(`  a reboot is due and was not made: ${plain(why)}`, columns, 2)}`;
}

function withError(what: string, { code, message, hint }: ErrorReport, { columns }: CommandIo): string {
  return [wrap(`${what}: ${plain(message)}`, columns, 2), `  ${wrap(plain(hint), columns, 2)}`, `  (${code})`].join(
    "\n",
  );
}
