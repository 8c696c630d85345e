import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createInstanceReader, createInstanceSource } from "../../../../src/adapters/local/instance-source.ts";
import type { Tags } from "../../../../src/domain/instance/instance.ts";
import { parseInstanceFile } from "../../../../src/settings/instance-file.ts";

let directory = "";
beforeEach(() => void (inCommand = {}));
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), "muster-instance-"))));
afterEach(() => rmSync(directory, { recursive: true }));

const { signal } = new AbortController();

function sourceOf(text?: string) {
  const file = join(directory, "instance.yaml");
  if (text !== undefined) writeFileSync(file, text);
  const added = { read: async () => inCommand };
  const readInstance = createInstanceReader({ file, parse: parseInstanceFile });
  return { file, source: createInstanceSource({ file, readInstance, added }) };
}

/** Tags that were added by command. */
let inCommand: Tags = {};

test("the file says who this is; the machine says what the file leaves out", async () => {
  const { source } = sourceOf("id: i-1\nzone: local-a\naddresses: [10.0.0.7]\ntags: { a: b }\n");
  expect(await source.read(signal)).toEqual({
    instance: {
      id: "i-1",
      cloud: "local",
      account: "local",
      region: "local",
      zone: "local-a",
      addresses: { ipv4: ["10.0.0.7"], ipv6: [] },
      hostname: hostname(),
    },
    tags: { a: "b" },
  });
});

test("tags that were added by command count, and those of the file count more", async () => {
  const { source } = sourceOf("id: i-1\nzone: a\naddresses: []\ntags: { a: b }\n");
  inCommand = { a: "x", c: "d" };
  expect((await source.read(signal)).tags).toEqual({ a: "b", c: "d" });
  expect(await source.observe(new Set(["a", "e"]), true, signal)).toEqual({ tags: { a: "b" }, costsCall: false });
  expect(await source.observe(new Set(["c"]), true, signal)).toEqual({ tags: { c: "d" }, costsCall: false });
});

test("the file is read anew every time", async () => {
  const { file, source } = sourceOf("id: i-1\nzone: a\naddresses: []\ntags: { a: b }\n");
  await source.read(signal);
  writeFileSync(file, "id: i-1\nzone: a\naddresses: []\ntags: { a: c }\n");
  expect((await source.read(signal)).tags).toEqual({ a: "c" });
});

test("no file and a wrong file do not pass by themselves", async () => {
  const missing = sourceOf();
  await expect(missing.source.read(signal)).rejects.toMatchObject({
    code: "instance-file-missing",
    transient: false,
    message: expect.stringContaining(missing.file) as unknown,
  });
  const wrong = sourceOf("id: i-1\n");
  await expect(wrong.source.read(signal)).rejects.toMatchObject({
    code: "instance-file-invalid",
    transient: false,
    message: expect.stringContaining(`${wrong.file}:1:1: zone: missing`) as unknown,
  });
});

test("an abort is obeyed", async () => {
  const { source } = sourceOf("id: i-1\nzone: a\n");
  await expect(source.read(AbortSignal.abort(new Error("stop")))).rejects.toThrow("stop");
});
