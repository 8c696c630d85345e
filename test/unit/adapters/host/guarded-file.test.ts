import { chmodSync, lchownSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { requireGuarded, whoElseWrites } from "../../../../src/adapters/host/guarded-file.ts";
import { readSettingsFiles } from "../../../../src/adapters/host/settings-files.ts";
import { createInstanceReader } from "../../../../src/adapters/local/instance-source.ts";
import { createGit } from "../../../../src/adapters/git/git.ts";
import { gitUrlOf } from "../../../../src/adapters/git/url.ts";
import { sendUpdate } from "../../../../src/adapters/local/nsupdate.ts";
import { parseInstanceFile } from "../../../../src/settings/instance-file.ts";
import { isRoot, makeScene, type Scene } from "./handles/attack.ts";

const { signal } = new AbortController();
let scene: Scene;
let directory: string;
beforeEach(() => {
  scene = makeScene();
  directory = join(scene.root, "etc");
  mkdirSync(directory, { mode: 0o755 });
});
afterEach(() => scene.remove());

function write(name: string, mode: number, text = ""): string {
  const file = join(directory, name);
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

test("what root alone may change is trusted, below a sticky directory too, and what is missing is for its reader", () => {
  expect(whoElseWrites(write("file", 0o644))).toBeUndefined();
  expect(whoElseWrites(write("key", 0o600))).toBeUndefined();
  expect(whoElseWrites(join(directory, "none"))).toBeUndefined();
  chmodSync(scene.root, 0o1777);
  expect(whoElseWrites(join(directory, "file"))).toBeUndefined();
});

test.each([
  [0o666, /^\S+\/file may be written by every user \(mode 0666\)$/],
  [0o664, /^\S+\/file may be written by group \d+ \(mode 0664\)$/],
  [0o602, /every user/],
])("a file of mode %o is refused", (mode, why) => {
  expect(whoElseWrites(write("file", mode))).toMatch(why);
});

test("a directory that others may write is as good as the file, on the way to it and further up", () => {
  const file = write("file", 0o600);
  chmodSync(directory, 0o1777);
  expect(whoElseWrites(file)).toMatch(/^the directory \S+\/etc may be written by every user \(mode 1777\)$/);
  chmodSync(directory, 0o755);
  chmodSync(scene.root, 0o775);
  expect(whoElseWrites(file)).toMatch(/^the directory \S+ may be written by group/);
});

test("a link is as good as the file that it leads to, and as the directories of both", () => {
  const far = join(scene.root, "far");
  mkdirSync(far, { mode: 0o755 });
  writeFileSync(join(far, "file"), "", { mode: 0o644 });
  symlinkSync("../far/file", join(directory, "link"));
  expect(whoElseWrites(join(directory, "link"))).toBeUndefined();
  chmodSync(far, 0o777);
  expect(whoElseWrites(join(directory, "link"))).toMatch(/directory \S+\/far /);
  symlinkSync("circle", join(directory, "circle"));
  expect(whoElseWrites(join(directory, "circle"))).toBeUndefined();
});

test.runIf(isRoot)("a file, a link and a directory of another user are refused", () => {
  const file = write("file", 0o600);
  lchownSync(file, 65_534, 0);
  expect(whoElseWrites(file)).toMatch(/^\S+\/file belongs to user 65534$/);
  symlinkSync("other", join(directory, "link"));
  lchownSync(join(directory, "link"), 65_534, 0);
  expect(whoElseWrites(join(directory, "link"))).toMatch(/^the link \S+ belongs to user 65534$/);
  lchownSync(directory, 65_534, 0);
  expect(whoElseWrites(join(directory, "file"))).toMatch(/^the directory \S+\/etc belongs to user 65534$/);
});

test("the error has a code, the reason and the remedy", () => {
  const file = write("file", 0o666);
  expect(() => requireGuarded(file)).toThrow(`${file} is refused: ${file} may be written by every user (mode 0666)`);
});

const code = "settings-writable-by-others";

test("settings, a layer and the directory of layers are refused", async () => {
  const main = write("muster.yaml", 0o666);
  const layers = join(directory, "conf.d");
  await expect(readSettingsFiles(main, layers)).rejects.toMatchObject({ code });
  chmodSync(main, 0o644);
  mkdirSync(layers, { mode: 0o755 });
  const layer = write("conf.d/10-site.yaml", 0o664);
  await expect(readSettingsFiles(main, layers)).rejects.toMatchObject({ code });
  chmodSync(layer, 0o644);
  expect(await readSettingsFiles(main, layers)).toHaveLength(2);
  chmodSync(layers, 0o1777);
  await expect(readSettingsFiles(main, layers)).rejects.toMatchObject({ code });
});

test("the instance file is refused, also once it was read", async () => {
  const file = write("instance.yaml", 0o644, "id: i-1\nzone: a\n");
  const read = createInstanceReader({ file, parse: parseInstanceFile });
  expect((await read(signal)).id).toBe("i-1");
  chmodSync(file, 0o666);
  await expect(read(signal)).rejects.toMatchObject({ code });
});

test.each(["sshKeyFile", "knownHostsFile", "credentialsFile", "caFile", "allowedSignersFile"])(
  "git is not started while others may change the %s",
  async (name) => {
    const source = {
      url: "file:///srv/config.git",
      ref: "main",
      refs: ["main"],
      deadlineMs: 1000,
      allowRewrite: false,
      allowPlainHttp: false,
    };
    const file = write("file", 0o666);
    const git = createGit({ ...source, [name]: file }, gitUrlOf(source.url));
    const call = { gitDir: directory, args: ["version"], signal } as const;
    await expect(git.run(call)).rejects.toMatchObject({ code });
    await expect(git.ask(call)).rejects.toMatchObject({ code });
    chmodSync(file, 0o600);
    expect(await git.run(call)).toMatchObject({ outcome: "exited", code: 0 });
  },
);

test("no update is signed with a key that others may change", async () => {
  const at = { server: "127.0.0.1", port: 53, keyFile: write("tsig.key", 0o662) };
  await expect(sendUpdate(at, "example.internal", [], neverStarted, signal)).rejects.toMatchObject({ code });
});

function neverStarted(): Promise<never> {
  return Promise.reject(new Error("nsupdate was started"));
}
