// The log of guest/meter.
import type { Interval } from "./intervals.ts";

/** One external command. */
export interface Metered extends Interval {
  readonly program: string;
  /** Program and verb, as `git fetch`. */
  readonly name: string;
  /** What people call from a script, and muster has no use for: no part of the work, but of doing it that way. */
  readonly tool: boolean;
  /** Its exit status. */
  readonly code: number;
  /** Seconds. */
  readonly cpu: number;
  /** Peak, in MiB. */
  readonly memory: number;
  /** As a shell reads it. */
  readonly line: string;
}

/** What is metered, in every contestant alike. */
export const workPrograms = ["git", "apt-get", "apt-cache", "dpkg-query", "puppet"];
export const toolPrograms = ["aws", "curl"];

export function parseMeter(text: string): readonly Metered[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => {
      const [begin, end, user, system, kibibytes, code, program = "", ...rest] = line.split(" ");
      return {
        ...{ begin: Number(begin), end: Number(end), program },
        tool: toolPrograms.includes(program),
        code: Number(code),
        cpu: Number(user) + Number(system),
        memory: Number(kibibytes) / 1024,
        line: `${program} ${rest.join(" ")}`,
        name: [program, verbIn(rest)].join(" ").trim(),
      };
    });
}

/** The first word that is neither an option, nor the value of one, nor a path. */
function verbIn(words: readonly string[]): string {
  return (
    words.map((word) => word.replaceAll("'", "")).find((word) => /^[a-z-]+$/.test(word) && !word.startsWith("-")) ?? ""
  );
}
