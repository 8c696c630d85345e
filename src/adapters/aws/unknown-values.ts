import type { LogNoticeCode } from "../../domain/errors/error-codes.ts";
import { printable } from "../../domain/role/names.ts";
import { createOnceGate } from "../../lib/async/report.ts";

/**
 * Says that AWS uses a word that this version does not know.
 * @param what as `The state of a target in web`
 * @param countsAs what muster takes it for
 */
export type OnUnknown = (what: string, word: string, countsAs: string) => void;

/** Each word is said once. */
export function createUnknownValues(onWarning: (code: LogNoticeCode, text: string) => void): OnUnknown {
  const told = createOnceGate<string>();
  return (what, word, countsAs) => {
    const text = `${what} is ${JSON.stringify(printable(word).slice(0, 100))}, which this muster does not know`;
    if (told.isNew(text)) onWarning("cloud-value-unknown", `${text}: it counts as ${countsAs}`);
  };
}
