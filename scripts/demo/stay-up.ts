import { once } from "node:events";
import { createInterface } from "node:readline";

import { cacheDirectory } from "../../test/lab/prepare/tree.ts";

const minutes = 60;

/** Returns when the operator has seen enough: Enter, Ctrl-C, `npm run demo -- remove`, or an hour. */
export async function stayUp(): Promise<void> {
  console.log(`
== It stays up for ${minutes} minutes.
   A shell in the instance, from another terminal:  npm run demo -- shell
   Remove everything:                               Enter or Ctrl-C here, or from anywhere npm run demo -- remove
   Remove the downloads, too:                       rm -r ${cacheDirectory}`);
  const input = createInterface({ input: process.stdin });
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), minutes * 60_000);
  process.once("SIGINT", () => abort.abort());
  const line = process.stdin.isTTY ? [once(input, "line", { signal: abort.signal })] : [];
  const aborted = once(abort.signal, "abort");
  await Promise.race([...line, aborted]).catch(() => {});
  clearTimeout(timer);
  input.close();
  console.log("Removing it.");
}

export function sayHowToKeep(): void {
  console.log(`
== Everything is removed now; images and packages stay in ${cacheDirectory} for the next time.
   npm run demo -- --keep    leaves the instance up; then, from another terminal,
   npm run demo -- shell     is a shell in it, and
   npm run demo -- remove    removes everything.`);
}
