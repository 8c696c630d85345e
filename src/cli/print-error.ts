import { reportOf } from "../domain/errors.ts";
import type { CommandIo } from "./command.ts";

/** What happened, what to do, and the code to look up: always in this form, on standard error. */
export function printError(error: unknown, io: CommandIo): void {
  const { code, message, hint } = reportOf(error);
  io.err(`muster: ${message}\n`);
  if (hint !== "") io.err(`  ${hint}\n`);
  io.err(`  (${code})\n`);
}
