import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { tar as tarParts, type TarFile } from "../../../../src/views/bundle/tar.ts";

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

async function tar(files: readonly TarFile[], modified: number): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(tarParts(each(files), modified)));
}

const bytes = (text: string) => new TextEncoder().encode(text);

test("any files come out of tar(1) as they went in, in their order, for root's eyes alone", async () => {
  const part = fc.stringMatching(/^[A-Za-z0-9._-]{1,30}$/).filter((name) => !/^\.+$|^-/.test(name));
  const name = fc.array(part, { minLength: 1, maxLength: 7 }).map((parts) => `top/${parts.join("/")}.txt`);
  const file = fc.record({ name, bytes: fc.uint8Array({ maxLength: 1500 }) });
  const files = fc.uniqueArray(file, { selector: (each) => each.name.toLowerCase(), maxLength: 5, minLength: 1 });
  await fc.assert(
    fc.asyncProperty(files, async (given) => {
      const directory = await mkdtemp(join(tmpdir(), "muster-tar-"));
      try {
        const archive = await tar(given, 1_767_225_600);
        const listed = execFileSync("tar", ["tf", "-"], { input: archive, encoding: "utf8" });
        expect(listed.trim().split("\n")).toEqual(given.map((each) => each.name));
        execFileSync("tar", ["xpf", "-", "-C", directory], { input: archive });
        for (const each of given) {
          expect(new Uint8Array(await readFile(join(directory, each.name)))).toEqual(new Uint8Array(each.bytes));
          const { mode, mtimeMs } = await stat(join(directory, each.name));
          expect([mode & 0o777, mtimeMs]).toEqual([0o600, 1_767_225_600_000]);
        }
      } finally {
        await rm(directory, { recursive: true });
      }
    }),
    { numRuns: 20 },
  );
});

test("a path of more than 100 bytes is divided at a slash, one that cannot be is refused", async () => {
  const long = `muster-bundle-i-0a1b2c3d4e5f60718-20261121T041200Z/runs/0007-c32a/${"x".repeat(80)}.log`;
  const listed = execFileSync("tar", ["tf", "-"], {
    input: await tar([{ name: long, bytes: bytes("") }], 0),
    encoding: "utf8",
  });
  expect(listed).toBe(`${long}\n`);
  await expect(tar([{ name: "x".repeat(101), bytes: bytes("") }], 0)).rejects.toThrow("too long");
});

test("the same files make the same bytes", async () => {
  const files = [{ name: "a", bytes: bytes("1") }];
  expect(await tar(files, 5)).toEqual(await tar(files, 5));
});
