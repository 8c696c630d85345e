import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { MusterFact } from "../../ports/engine.ts";
import { replaceFile } from "../host/handles/replace-file.ts";
import { removeOrphans } from "../host/temporary-files.ts";

/**
 * The fact as a file of external facts. Strings stay data: facter neither runs nor expands JSON. A character that
 * facter refuses (a null byte, half a surrogate pair) would cost the whole fact, so it is replaced.
 */
export function factText(fact: MusterFact): string {
  return `${JSON.stringify({ muster: fact }, (_key, value: unknown) => readable(value), 2)}\n`;
}

function readable(value: unknown): unknown {
  if (typeof value === "string") return readableText(value);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [readableText(key), member]));
}

function readableText(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\uFFFD");
}

/**
 * Replaces the file by one rename, unless it has this text already. The temporary file lies beside facter's directory
 * and not in it: facter would read it.
 */
export async function writeFactFile(directory: string, text: string): Promise<void> {
  const file = join(directory, "muster.json");
  if ((await readFile(file, "utf8").catch(() => undefined)) === text) return;
  const how = { mode: 0o644, durable: true, directoryMode: 0o755, through: dirname(directory) };
  await replaceFile(file, text, how);
  await removeOrphans(dirname(directory));
}
