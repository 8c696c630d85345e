// A directory of another user, and what that user tries.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, lchownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** nobody. */
const other = 65_534;

export const isRoot = process.getuid?.() === 0;

export type Scene = {
  readonly root: string;
  /** Of another user, where the test runs as root. */
  readonly theirs: string;
  /** A file that no test may change. */
  readonly victim: string;
  /** What became of it: its text, and its mode in octal. */
  seen(): readonly [string, string];
  remove(): void;
};

/** The victim as it was made. */
export const untouched = ["secret\n", "600"] as const;

export function makeScene(): Scene {
  const root = mkdtempSync(join(tmpdir(), "muster-handles-"));
  chmodSync(root, 0o755);
  const theirs = join(root, "theirs");
  mkdirSync(theirs, { mode: 0o755 });
  give(theirs);
  const victim = join(root, "victim");
  writeFileSync(victim, "secret\n", { mode: 0o600 });
  return {
    root,
    theirs,
    victim,
    seen: () => [readFileSync(victim, "utf8"), (statSync(victim).mode & 0o777).toString(8)],
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Makes it the other user's, link or not. */
export function give(path: string): void {
  if (isRoot) lchownSync(path, other, other);
}

/** Puts links to the victim in the place of every temporary file that comes up, until the work is over. */
export async function underAttack(scene: Scene, work: () => Promise<void>): Promise<number> {
  const script = `echo ready; while [ -e "$1" ]; do for f in .*.tmp *.tmp; do
    [ -f "$f" ] && [ ! -L "$f" ] && ln -sfn "$2" "$f" && echo swapped; done; done`;
  const go = join(scene.root, "go");
  writeFileSync(go, "");
  const attacker = spawn("/bin/sh", ["-c", script, "sh", go, scene.victim], { cwd: scene.theirs });
  let said = "";
  attacker.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const ended = once(attacker, "close");
  try {
    await once(attacker.stdout, "data");
    await work();
  } finally {
    rmSync(go, { force: true });
    await ended;
  }
  return said.split("\n").filter((line) => line === "swapped").length;
}
