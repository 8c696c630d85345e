import type { CheckTarget } from "../../../domain/health/check.ts";
import { programs } from "../../../domain/settings/paths.ts";
import { formatSize } from "../../../domain/text/units.ts";
import { exec } from "../exec.ts";
import type { Limits } from "../path-calls.ts";
import { beginningOfPath, observePath } from "../path-files.ts";
import type { Seen } from "./seen.ts";

type FileTarget = CheckTarget<"file">;

/** The part of a file that is read. */
const maxContent = 1024 * 1024;

/** Checks every requirement and reports all failures at once. */
export async function probeFile(target: FileTarget, limits: Limits): Promise<Seen> {
  const found = await observePath(target.path, limits);
  const wrong: string[] = [];
  const mode = found.mode.toString(8).padStart(4, "0");
  if (target.mode !== undefined && target.mode !== mode) wrong.push(`mode ${mode}`);
  if (target.owner !== undefined) {
    const uid = await uidOf(target.owner, limits);
    if (uid === undefined) wrong.push(`no user ${target.owner}`);
    else if (uid !== found.uid) wrong.push(`owner ${await nameOf(found.uid, limits)}`);
  }
  if (target.contains !== undefined) {
    if (found.kind !== "file") wrong.push(found.kind === "directory" ? "a directory" : "no plain file");
    else if (!(await beginningOfPath(target.path, maxContent, limits)).includes(target.contains))
      wrong.push(`no such text in ${lookedAt(found.size)}`);
  }
  return wrong.length === 0 ? { ok: true, seen: "there" } : { ok: false, seen: wrong.join(", ") };
}

function lookedAt(size: number): string {
  return size > maxContent ? `the first ${formatSize(maxContent)} of ${formatSize(size)}` : formatSize(size);
}

async function uidOf(name: string, limits: Limits): Promise<number | undefined> {
  const uid = (await passwd(name, limits))?.[2];
  return uid === undefined ? undefined : Number(uid);
}

async function nameOf(uid: number, limits: Limits): Promise<string> {
  return (await passwd(String(uid), limits))?.[0] ?? String(uid);
}

/** The user's entry, from any source of users: nsswitch finds it. */
async function passwd(key: string, limits: Limits): Promise<readonly string[] | undefined> {
  const { stdout, code } = await exec({ argv: [programs.getent, "passwd", "--", key], ...limits });
  return code === 0 ? stdout.trim().split(":") : undefined;
}
