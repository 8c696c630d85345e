import { randomUUID } from "node:crypto";
import { isAtOrBelow, type StandIn } from "../../domain/role/repo-content.ts";
import type { TreeEntry } from "./tree-entry.ts";

// The stand-ins that git holds in place of content. A pointer of Git LFS is a text of less than 1,024 bytes, its first
// line the version, with an `oid` and a `size` after it (git-lfs, docs/spec.md); only blobs of such a size are read.

const versions = ["https://git-lfs.github.com/spec/v1", "https://hawser.github.com/spec/v1"];
/** The shortest form of version, oid and size; and the most that the specification allows. Bytes. */
const pointerSize = { least: 120, under: 1024 } as const;
/** The most blobs that one call reads: at most 8 MiB. */
const blobsPerCall = 8_000;

/** Asks git in one repository; its standard output. @throws where git fails */
export type AskGit = (args: readonly [string, ...string[]], input: string) => Promise<string>;

/** The submodules and LFS pointers among the entries at, above and below the paths, in the order of the entries. */
export async function findStandIns(
  entries: readonly TreeEntry[],
  paths: readonly string[],
  ask: AskGit,
): Promise<readonly StandIn[]> {
  const near = entries.filter(({ path }) => paths.some((used) => isAtOrBelow(path, used) || isAtOrBelow(used, path)));
  const files = near.filter(({ mode }) => mode.startsWith("100"));
  const pointers = await pointersAmong([...new Set(files.map(({ id }) => id))], ask);
  return near.flatMap(({ mode, id, path }): readonly StandIn[] => {
    if (mode === "160000") return [{ kind: "submodule", path }];
    return mode.startsWith("100") && pointers.has(id) ? [{ kind: "lfs-pointer", path }] : [];
  });
}

async function pointersAmong(ids: readonly string[], ask: AskGit): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const sizes = await ask(["cat-file", "--batch-check=%(objectname) %(objectsize)"], lines(ids));
  const small = sizes.split("\n").flatMap((line) => {
    const [id = "", size] = line.split(" ");
    return Number(size) >= pointerSize.least && Number(size) < pointerSize.under ? [id] : [];
  });
  const found = new Set<string>();
  for (let from = 0; from < small.length; from += blobsPerCall) {
    // Each is preceded by a text that no blob can hold: none can pose as another.
    const mark = randomUUID();
    const text = await ask(
      ["cat-file", `--batch=${mark} %(objectname)`],
      lines(small.slice(from, from + blobsPerCall)),
    );
    for (const part of text.split(`${mark} `).slice(1)) {
      const end = part.indexOf("\n");
      if (isPointer(part.slice(end + 1))) found.add(part.slice(0, end));
    }
  }
  return found;
}

function isPointer(text: string): boolean {
  const [version = "", ...rest] = text.split(/\r?\n/);
  return (
    versions.some((url) => version === `version ${url}`) &&
    rest.some((line) => /^oid sha256:[0-9a-f]{64}$/.test(line)) &&
    rest.some((line) => /^size \d+$/.test(line))
  );
}

function lines(ids: readonly string[]): string {
  return ids.map((id) => `${id}\n`).join("");
}
