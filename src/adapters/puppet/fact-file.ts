import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { MusterFact } from "../../ports/engine.ts";

/**
 * The fact as a file of external facts. Strings stay data whatever they hold: facter neither runs nor expands
 * JSON. What it refuses (a null byte, half a surrogate pair) would cost the whole fact, so it is replaced.
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
 * Puts the text in place by one rename, unless it is there already. The temporary file lies beside facter's
 * directory and not in it: facter would read it.
 */
export async function writeFactFile(directory: string, text: string): Promise<void> {
  const file = join(directory, "muster.json");
  if ((await readFile(file, "utf8").catch(() => undefined)) === text) return;
  await mkdir(directory, { recursive: true, mode: 0o755 });
  const temporary = join(dirname(directory), `.muster.json.${process.pid}`);
  try {
    const handle = await open(temporary, "w", 0o644);
    try {
      await handle.chmod(0o644);
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
