import { createLineRedactor } from "../domain/redact/redact-lines.ts";
import type { LogPart } from "../views/printed.ts";

type OpenPrinted<R> = (part: LogPart, onLine: (line: string) => void) => R;

/** Reads what a unit printed as `open` does, with the secrets masked. */
export function maskPrinted<R>(open: OpenPrinted<R>): OpenPrinted<R> {
  return (part, onLine) => {
    const redactLine = createLineRedactor();
    return open(part, (line) => onLine(redactLine(line)));
  };
}
