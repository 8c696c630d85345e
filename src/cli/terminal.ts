/** What standard output is able to show, and how to say it where that is only ASCII. Pure. */
import type { CommandIo } from "./command.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Told from the environment, as other programs do: see docs/terminal.md. */
export function abilitiesOf(env: Env, isTty: boolean): Pick<CommandIo, "isTty" | "canRedraw" | "color" | "unicode"> {
  const canRedraw = isTty && isSet(env["TERM"]) && env["TERM"] !== "dumb";
  const forced = [env["CLICOLOR_FORCE"], env["FORCE_COLOR"]].some((value) => isSet(value) && value !== "0");
  const color = !isSet(env["NO_COLOR"]) && (canRedraw || forced);
  return { isTty, canRedraw, color, unicode: isUtf8(env) };
}

/** POSIX, "Internationalization Variables": the first that is set and not empty counts; without any it is C, which is ASCII. */
function isUtf8(env: Env): boolean {
  // The fonts of the kernel's own console have few of the marks.
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

/** The text of others for a terminal that takes any byte over 127 for something else; no wider than it was. */
export function asciiOnly(text: string): string {
  const plain = text.normalize("NFD").replaceAll(/\p{M}/gu, "");
  return plain.replaceAll(/[^\p{ASCII}]/gu, (char) => inAscii[char] ?? "?");
}
