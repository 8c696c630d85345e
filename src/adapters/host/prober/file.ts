import { open, stat } from "node:fs/promises";
import type { CheckTarget } from "../../../domain/check.ts";
import { programs } from "../../../domain/paths.ts";
import { formatSize } from "../../../domain/units.ts";
import { exec } from "../exec.ts";
import type { Seen } from "./prober.ts";

type FileTarget = Extract<CheckTarget, { kind: "file" }>;

/** How much of a file is looked at. */
const maxContent = 1024 * 1024;

/** Looks at everything that the check asks for and says all that is wrong at once. */
export async function probeFile(target: FileTarget, timeoutMs: number, signal: AbortSignal): Promise<Seen> {
  const found = await stat(target.path);
  const wrong: string[] = [];
  const mode = (found.mode & 0o7777).toString(8).padStart(4, "0");
  if (target.mode !== undefined && target.mode !== mode) wrong.push(`mode ${mode}`);
  if (target.owner !== undefined) {
    const uid = await uidOf(target.owner, timeoutMs, signal);
    if (uid === undefined) wrong.push(`no user ${target.owner}`);
    else if (uid !== found.uid) wrong.push(`owner ${await nameOf(found.uid, timeoutMs, signal)}`);
  }
  if (target.contains !== undefined) {
    if (found.isDirectory()) wrong.push("a directory");
    else if (!found.isFile()) wrong.push("no plain file");
    else if (!(await beginningOf(target.path)).includes(target.contains))
      wrong.push(`no such text in ${lookedAt(found.size)}`);
  }
  return wrong.length === 0 ? { ok: true, seen: "there" } : { ok: false, seen: wrong.join(", ") };
}

function lookedAt(size: number): string {
  return size > maxContent ? `the first ${formatSize(maxContent)} of ${formatSize(size)}` : formatSize(size);
}

async function beginningOf(path: string): Promise<Buffer> {
  const handle = await open(path, "r");
  try {
    const buffer = Buffer.alloc(maxContent);
    let size = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, size, maxContent - size, size);
      size += bytesRead;
      if (bytesRead === 0 || size === maxContent) return buffer.subarray(0, size);
    }
  } finally {
    await handle.close();
  }
}

async function uidOf(name: string, timeoutMs: number, signal: AbortSignal): Promise<number | undefined> {
  const uid = (await passwd(name, timeoutMs, signal))?.[2];
  return uid === undefined ? undefined : Number(uid);
}

async function nameOf(uid: number, timeoutMs: number, signal: AbortSignal): Promise<string> {
  return (await passwd(String(uid), timeoutMs, signal))?.[0] ?? String(uid);
}

/** The user's entry, wherever users are kept: nsswitch knows. */
async function passwd(key: string, timeoutMs: number, signal: AbortSignal): Promise<readonly string[] | undefined> {
  const { stdout, code } = await exec({ argv: [programs.getent, "passwd", "--", key], timeoutMs, signal });
  return code === 0 ? stdout.trim().split(":") : undefined;
}
