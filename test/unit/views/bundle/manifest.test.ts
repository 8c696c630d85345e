import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { TarFile } from "../../../../src/views/bundle/tar.ts";
import { packed, type Gathered, type Manifest } from "../../../../src/views/bundle/manifest.ts";

const about = { made: "2026-11-21T05:00:00.000Z", muster: { version: "0.1.0", commit: "abc" } };

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const digest = (of: string) => createHash("sha256").update(of).digest("hex");

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

async function unpacked(gathered: readonly Gathered[], secrets: readonly string[] = []) {
  const all = await Array.fromAsync(packed(each(gathered), secrets, about));
  const [last, ...files] = [...all.slice(-1), ...all.slice(0, -1)] as [TarFile, ...TarFile[]];
  return {
    last: last.name,
    manifest: JSON.parse(text(last.bytes)) as Manifest,
    files: new Map(files.map(({ name, bytes }) => [name, text(bytes)])),
    all: all.map(({ name, bytes }) => name + text(bytes)).join("\n"),
  };
}

test("the manifest stands last and tells of every file, and of what is missing", async () => {
  const { last, manifest, files } = await unpacked([
    { name: "status.json", from: "muster status --json", text: "{}" },
    { name: "log/muster.log", from: "/var/log/muster/muster.log", text: "password=hunter22\nüber\n", cutFrom: 99 },
    { name: "systemd/show.txt", from: "systemctl show", text: "", exit: 4 },
    { name: "machine/rpm.txt", from: "rpm -qa", why: "rpm is not installed" },
  ]);
  const log = "password=[masked value 1]\nüber\n";
  expect(last).toBe("manifest.json");
  expect(manifest).toEqual({
    version: 1,
    ...about,
    files: [
      { name: "status.json", from: "muster status --json", bytes: 2, sha256: digest("{}") },
      {
        name: "log/muster.log",
        from: "/var/log/muster/muster.log",
        bytes: Buffer.byteLength(log),
        sha256: digest(log),
        cutFrom: 99,
        masked: { value: 1 },
      },
      { name: "systemd/show.txt", from: "systemctl show", bytes: 0, sha256: digest(""), exit: 4 },
    ],
    missing: [{ name: "machine/rpm.txt", from: "rpm -qa", why: "rpm is not installed" }],
  });
  expect([...files.keys()]).toEqual(["status.json", "log/muster.log", "systemd/show.txt"]);
});

test("wherever the secrets of the settings' files were printed, none is in the bundle, nor in its manifest", async () => {
  const secret = fc.stringMatching(/^[A-Za-z0-9!%&*+,./:;<=>?@^_~-]{12,40}$/);
  const noise = fc.string({ unit: "grapheme", maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(secret, { minLength: 1, maxLength: 3 }),
      fc.array(noise, { minLength: 4, maxLength: 4 }),
      async (secrets, parts) => {
        const all = secrets.join(parts[1] ?? "");
        const line = parts[0] + all + parts[2];
        const { all: whole } = await unpacked(
          [
            {
              name: "a",
              from: `tool ${all}`,
              text: `${line}\n${JSON.stringify({ line })}\n${encodeURIComponent(all)}`,
            },
            { name: "b", from: "/b", text: parts[3] + secrets.map((each) => btoa(each)).join("\n") },
            { name: "c", from: "/c", why: `cannot: ${all}` },
          ],
          secrets,
        );
        for (const each of secrets) {
          for (const form of [each, JSON.stringify(each).slice(1, -1), encodeURIComponent(each), btoa(each)]) {
            expect(whole).not.toContain(form);
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});
