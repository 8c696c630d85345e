import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { MusterError } from "../../domain/errors/errors.ts";
import { formatSize } from "../../domain/text/units.ts";
import type { StateFiles } from "../../ports/state-files.ts";
import { linesOf } from "./file-lines.ts";
import { removeOrphans } from "./temporary-files.ts";
import { openToRead } from "./handles/open-to-read.ts";
import { openOwnHandle } from "./handles/own-file.ts";
import { replaceFile } from "./handles/replace-file.ts";

/** State files below one directory of the local file system. */
export function createStateFiles(root: string): StateFiles {
  const swept = new Set<string>();

  /** Once for each directory: only a dead process leaves temporary files. */
  async function sweep(directory: string): Promise<void> {
    if (swept.has(directory)) return;
    swept.add(directory);
    await makeDirectory(directory);
    await removeOrphans(directory);
  }

  return {
    async read(name) {
      try {
        return await readBounded(place(root, name));
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw failed("read", place(root, name), error);
      }
    },
    async *lines(name, from = 0) {
      const path = place(root, name);
      try {
        const file = await openToRead(path);
        try {
          yield* linesOf(file, from);
        } finally {
          await file.close();
        }
      } catch (error) {
        if (!isMissing(error)) throw failed("read", path, error);
      }
    },
    async write(name, text) {
      const path = place(root, name);
      await guarded("write", path, async () => {
        await sweep(dirname(path));
        await replace(path, text);
      });
    },
    async append(name, text) {
      const path = place(root, name);
      await guarded("write", path, () => appendDurably(path, text));
    },
    async remove(name) {
      const path = place(root, name);
      await guarded("remove", path, async () => {
        await rm(path, { recursive: true, force: true });
        await syncDirectory(dirname(path)).catch(ignoreMissing);
      });
    },
    async list(directory) {
      try {
        const names = await readdir(place(root, directory));
        return names.filter((name) => !name.startsWith(".")).toSorted();
      } catch (error) {
        if (codeOf(error) === "ENOENT") return [];
        throw failed("read", place(root, directory), error);
      }
    },
    async setAside(name) {
      const path = place(root, name);
      const aside = await freeName(path);
      await guarded("write", path, async () => {
        await rename(path, aside);
        await syncDirectory(dirname(path));
      });
      return aside;
    },
    async path(name) {
      const path = place(root, name);
      await guarded("write", path, () => makeDirectory(dirname(path)));
      return path;
    },
  };
}

/** The absolute path of a name; a name that leaves the root is a bug, never input. */
function place(root: string, name: string): string {
  const path = normalize(join(root, name));
  if (path !== root && !path.startsWith(`${root}/`)) throw new Error(`state file name leaves its root: ${name}`);
  return path;
}

/** Far more than any file of muster. */
const maxBytes = 64 * 1024 * 1024;

async function readBounded(path: string): Promise<string> {
  const file = await openToRead(path);
  try {
    if ((await file.stat()).size > maxBytes) throw new Error(`it is larger than ${formatSize(maxBytes)}`);
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

async function replace(path: string, text: string): Promise<void> {
  await makeDirectory(dirname(path));
  await replaceFile(path, text, { mode: 0o600, durable: true });
}

async function appendDurably(path: string, text: string): Promise<void> {
  await makeDirectory(dirname(path));
  const file = await openOwnHandle(path, { file: 0o600, directory: 0o700 });
  let created: boolean;
  try {
    created = (await file.stat()).size === 0;
    await file.writeFile(text);
    await file.datasync();
  } finally {
    await file.close();
  }
  if (created) await syncDirectory(dirname(path));
}

/** Makes a directory and its parents, each new entry durable before it is used. */
export async function makeDirectory(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  let parent = dirname(path);
  const top = dirname(first);
  while (true) {
    await syncDirectory(parent);
    if (parent === top || parent === "/") return;
    parent = dirname(parent);
  }
}

/** Makes the entries of a directory durable: created, renamed and removed ones. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

async function freeName(path: string): Promise<string> {
  const directory = dirname(path);
  const taken = new Set(await readdir(directory));
  for (let index = 1; ; index += 1) {
    const candidate = `${path}.unreadable-${index}`;
    if (!taken.has(candidate.slice(directory.length + 1))) return candidate;
  }
}

async function guarded<T>(verb: "write" | "remove", path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw failed(verb, path, error);
  }
}

function failed(verb: "read" | "write" | "remove", path: string, error: unknown): MusterError {
  return new MusterError({
    code: verb === "read" ? "state-read-failed" : "state-write-failed",
    message: `Cannot ${verb} ${path}: ${wordsFor(codeOf(error), error)}`,
    hint: forbidden.has(codeOf(error) ?? "")
      ? "Run it as root: with sudo, or in a root shell."
      : "Check free space (df -h, df -i), and that the file system is writable.",
    cause: error,
    transient: true,
  });
}

const forbidden: ReadonlySet<string> = new Set(["EACCES", "EPERM"]);

function wordsFor(code: string | undefined, error: unknown): string {
  if (code !== undefined && forbidden.has(code)) return "permission denied";
  switch (code) {
    case "ENOSPC":
      return "no space left on the device";
    case "EROFS":
      return "the file system is read-only";
    case "EIO":
      return "input/output error of the disk";
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

function isMissing(error: unknown): boolean {
  return codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR";
}

function ignoreMissing(error: unknown): void {
  if (codeOf(error) !== "ENOENT") throw error;
}
