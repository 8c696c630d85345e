import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createStateFiles } from "../../src/adapters/host/state-files.ts";
import { createTagFile, ownTagFile } from "../../src/adapters/local/tag-file.ts";
import { tagWriterSuite } from "./tag-writer.suite.ts";

const signal = new AbortController().signal;
let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "muster-tags-"));
});

afterAll(async () => {
  await rm(root, { recursive: true });
});

async function emptyDirectory(): Promise<string> {
  return await mkdtemp(join(root, "state-"));
}

tagWriterSuite("file", async () =>
  createTagFile({ files: createStateFiles(await emptyDirectory()), name: ownTagFile }),
);

test.each(["", "{", "[]", '"x"', '{"muster:state": 1}'])(
  "a damaged file (%j) is as good as none, is kept for a person, and is written anew",
  async (text) => {
    const directory = await emptyDirectory();
    const tags = createTagFile({ files: createStateFiles(directory), name: ownTagFile });
    await writeFile(join(directory, "instance-tags.json"), text);
    expect(await tags.read(signal)).toEqual({});
    expect(await readdir(directory)).toEqual(["instance-tags.json"]);
    await tags.write({ "muster:state": "held" }, signal);
    expect(await tags.read(signal)).toEqual({ "muster:state": "held" });
    expect(await readdir(directory)).toHaveLength(2);
  },
);

test("where tags steer, a damaged file is not taken for one without tags", async () => {
  const directory = await emptyDirectory();
  const tags = createTagFile({ files: createStateFiles(directory), name: "added-tags.json" });
  expect(await tags.readWhole(signal)).toEqual({});
  await writeFile(join(directory, "added-tags.json"), '{"muster:ref": 1}');
  await expect(tags.readWhole(signal)).rejects.toMatchObject({
    code: "state-read-failed",
    message: expect.stringContaining("/added-tags.json is damaged") as string,
  });
  await tags.write({ "muster:ref": "v1.4" }, signal);
  expect(await tags.readWhole(signal)).toEqual({ "muster:ref": "v1.4" });
});

test("a key that AWS reserves is refused here too", async () => {
  const tags = createTagFile({ files: createStateFiles(await emptyDirectory()), name: ownTagFile });
  await expect(tags.write({ "aws:x": "y" }, signal)).rejects.toMatchObject({ code: "tag-key-invalid" });
});
