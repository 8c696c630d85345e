import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { removeTornLists } from "../../../../src/adapters/apt/torn-lists.ts";

test("index files that a power cut left empty go, everything else stays", async () => {
  const directory = await mkdtemp(join(tmpdir(), "muster-lists-"));
  try {
    await mkdir(join(directory, "partial"));
    await writeFile(join(directory, "lock"), "");
    await writeFile(join(directory, "mirror_dists_bookworm_InRelease"), "signed");
    await writeFile(join(directory, "mirror_dists_bookworm_main_binary-amd64_Packages"), "");
    await removeTornLists(directory);
    expect((await readdir(directory)).toSorted()).toEqual(["lock", "mirror_dists_bookworm_InRelease", "partial"]);
    await removeTornLists(join(directory, "none"));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
