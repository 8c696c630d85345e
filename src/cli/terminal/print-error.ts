import { reportOf } from "../../domain/errors/errors.ts";
import type { CommandIo } from "../command.ts";
import { plain, wrap } from "./style.ts";

/** What happened, what to do, and the code to look up: always in this form, on standard error. */
export function printError(error: unknown, io: CommandIo): void {
  const { code, message, hint } = reportOf(error);
  // A list of problems keeps its lines; what they quote from files cannot move the cursor.
  const lines = `muster: ${message}`.split("\n").map((line) => wrap(plain(line), io.errColumns, 2));
  io.err(`${lines.join("\n")}\n`);
  if (hint !== "") io.err(`  ${wrap(plain(hint), io.errColumns, 2)}\n`);
  io.err(`  (${code})\n`);
}
