// What `muster explain` answers on an instance, and whether that is what somebody needs who was woken up by it.
import { join } from "node:path";
import { expect } from "vitest";

import type { Instance } from "../../lab/instance.ts";

export interface Answer {
  /** The first line: whether the instance is in service, and why. */
  verdict: RegExp;
  /** The lines after it: what to do. */
  todo: RegExp;
}

/**
 * Waits until the answer is this one (a held instance tries again meanwhile), and keeps the whole text beside the case.
 * @param caseDirectory the case's folder (`import.meta.dirname`)
 * @param name of the file of the text, where a case asks more than once
 */
export async function explains(
  instance: Instance,
  caseDirectory: string,
  { verdict, todo }: Answer,
  name = "explain",
): Promise<void> {
  let text = "";
  const answers = async (): Promise<boolean> => {
    // It has a status of its own where the daemon does not answer.
    text = (await instance.exec("LC_ALL=C.UTF-8 muster explain", { timeout: 10_000, check: false })).stdout;
    // Between the end of a run and the plan for the next one there is no time for the next one yet.
    return verdict.test(text.split("\n")[0] ?? "") && !text.includes("another try\n");
  };
  try {
    await instance.waitFor(answers, { what: `explain says ${verdict.source}`, timeout: 30_000, every: 300 });
  } catch (error) {
    throw new Error(`muster explain said:\n${text}`, { cause: error });
  }
  const advice = text.split("\n").filter((line) => line.startsWith("→ "));
  expect(advice.join("\n"), text).toMatch(todo);
  await expect(withoutVolatile(text)).toMatchFileSnapshot(join(caseDirectory, `${name}.txt`));
}

/** What another run of the same case says otherwise, in capitals: times, ids, addresses, and which retry it was. */
const volatile: readonly (readonly [RegExp, string])[] = [
  [/ {2,}/g, "  "],
  [/\bi-[0-9a-f]{17}\b/g, "INSTANCE"],
  [/\b\d{4}-[0-9a-f]{4}\b/g, "RUN"],
  [/\brun \d+\b/g, "run N"],
  [/\b[0-9a-f]{12}\b/g, "COMMIT"],
  [/\((boot, [a-z-]+|retry|manual)\)/g, "(CAUSE)"],
  [/(\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d UTC \([^)]*\)/g, "TIME"],
  [/\b\d+ (s|min|h|d) ago\b|\bjust now\b/g, "AGO"],
  [/\b\d+(\.\d+)? (ms|s|min)( \d+ s)?\b/g, "DURATION"],
  [/\b\d+ attempts?\b/g, "N attempts"],
  [/\b\d+\.\d+\.\d+\.\d+\b/g, "ADDRESS"],
  [/\b(nothing was applied before|applied before|before it: COMMIT)/g, "BEFORE"],
  // Puppet's own name for a file that it writes first.
  [/file\d{8}-\d+-\w+\.lock/g, "fileTEMPORARY"],
  [/\bkey [A-Z0-9]{8}…/g, "key KEY…"],
  [/\bZ[0-9A-Z]{8,}\b/g, "ZONE"],
  [/\barn:aws:[\w:/-]+/g, "ARN"],
  [/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME"],
  // A daemon that is still there while the machine goes down may start what systemd stops.
  [/^! .*\(systemd-failed\)\n/gm, ""],
  // How often it was tried by now.
  [/^ *out of service since .* failed, the last at .*\n/gm, ""],
  [/last heard of it: .*$/gm, "last heard of it: …"],
  // The refresh of the package index may have ended, or been stopped, when its neighbour failed.
  [/\bindex, |, index\b/g, ""],
  // Keys come and go with others' work.
  [/^\d+ more values?/gm, "N more values"],
  // Which stage was the slowest depends on whether Puppet had run before.
  [/slowest: .*$/gm, "slowest: …"],
];

function withoutVolatile(text: string): string {
  return volatile.reduce((so, [pattern, word]) => so.replaceAll(pattern, word), text);
}
