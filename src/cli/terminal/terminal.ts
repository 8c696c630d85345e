/** What standard output can show, and ASCII forms for the rest. Pure. */
import type { CommandIo } from "../command.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Found in the environment, as by other programs: see docs/terminal.md. */
export function abilitiesOf(env: Env, isTty: boolean): Pick<CommandIo, "isTty" | "canRedraw" | "color" | "unicode"> {
  const canRedraw = isTty && isSet(env["TERM"]) && env["TERM"] !== "dumb";
  const forced = [env["CLICOLOR_FORCE"], env["FORCE_COLOR"]].some((value) => isSet(value) && value !== "0");
  const color = !isSet(env["NO_COLOR"]) && (canRedraw || forced);
  return { isTty, canRedraw, color, unicode: isUtf8(env) };
}

/**
 * POSIX, "Internationalization Variables": the first one that is set and not empty counts; without any it is C, which
 * is ASCII.
 */
function isUtf8(env: Env): boolean {
  // The fonts of the kernel's console have few of the marks.
  if (env["TERM"] === "linux") return false;
  const locale = [env["LC_ALL"], env["LC_CTYPE"], env["LANG"]].find(isSet) ?? "C";
  return /\.utf-?8(@|$)/i.test(locale);
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}

const inAscii: Readonly<Record<string, string>> = {
  "…": ".",
  "–": "-",
  "—": "-",
  "‘": "'",
  "’": "'",
  "“": '"',
  "”": '"',
};

/** Foreign text for a terminal that cannot show bytes over 127; not wider than before. */
export function asciiOnly(text: string): string {
  const plain = text.normalize("NFD").replaceAll(/\p{M}/gu, "");
  return plain.replaceAll(/[^\p{ASCII}]/gu, (char) => inAscii[char] ?? "?");
}
