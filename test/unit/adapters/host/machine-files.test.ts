import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { machineFiles } from "../../../../src/adapters/host/machine-files.ts";
import { isRoot, makeScene, type Scene } from "./handles/attack.ts";

const { signal } = new AbortController();
let scene: Scene;
beforeEach(() => void (scene = makeScene()));
afterEach(() => scene.remove());

function write(mode: number, text = "secret"): string {
  const file = join(scene.root, "key");
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

test.each([
  [0o600, true],
  [0o400, true],
  [0o644, false],
] as const)("a file of mode %o serves (secret: %s)", async (mode, isSecret) => {
  await machineFiles.key("config.ssh.key", write(mode), isSecret, signal);
});

test.each([
  [
    0o640,
    /config\.ssh\.key in the settings names, cannot be used: other users may use it \(mode 0640; 0600 is right\)/,
  ],
  [0o604, /\(mode 0604;/],
])("a secret of mode %o is what ssh refuses", async (mode, message) => {
  const look = machineFiles.key("config.ssh.key", write(mode), true, signal);
  await expect(look).rejects.toMatchObject({
    code: "key-file-unusable",
    message: expect.stringMatching(message) as string,
  });
  await expect(look).rejects.not.toThrow("secret");
});

test.each([
  ["missing", () => join(scene.root, "none"), "there is no such file"],
  ["below a file", () => join(write(0o600), "x"), "there is no such file"],
  ["empty", () => write(0o600, ""), "it is empty"],
  ["a directory", () => scene.root, "it is no file"],
] as const)("a file that is %s cannot be used", async (_what, path, why) => {
  const look = machineFiles.key("config.https.ca", path(), false, signal);
  await expect(look).rejects.toMatchObject({ code: "key-file-unusable" });
  await expect(look).rejects.toThrow(why);
});

test.skipIf(!isRoot)("a file that other users may write is not trusted", async () => {
  const look = machineFiles.key("config.signers", write(0o666), false, signal);
  await expect(look).rejects.toMatchObject({ code: "settings-writable-by-others" });
});

test("room is what the file system has free", async () => {
  await machineFiles.room(scene.root, 1, signal);
  const look = machineFiles.room(scene.root, 2 ** 60, signal);
  await expect(look).rejects.toMatchObject({ code: "disk-low", transient: false });
  // A path that cannot be looked at says nothing about its room.
  await expect(machineFiles.room(join(scene.root, "none"), 1, signal)).rejects.toMatchObject({ name: "Error" });
});
