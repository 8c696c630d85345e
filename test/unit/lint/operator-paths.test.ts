// Paths that an operator chose are looked at by children (src/adapters/host/path-calls.ts): one file system that
// stands still would hold the few I/O threads of the runtime for ever.
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const source = resolve(import.meta.dirname, "../../../src");

/** What handles such paths, and who of them reads files of the kernel or of the distribution in this process. */
const handlers = ["adapters/host/prober", "adapters/prometheus", "adapters/local/haproxy-socket.ts"];
const ownFiles = new Set(["http.ts", "process.ts", "resources.ts"].map((name) => `adapters/host/prober/${name}`));

function imports(): readonly (readonly [file: string, names: string])[] {
  const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  return files.flatMap((file) => {
    const text = readFileSync(join(source, file), "utf8");
    return [...text.matchAll(/import (?:type )?([^;]*?) from "node:fs(?:\/promises)?"/g)].map(
      ([, names = ""]) => [file, names] as const,
    );
  });
}

test("no file system call on them in the agent's own process", () => {
  const found = imports();
  expect(found.length).toBeGreaterThan(20);
  const inHandlers = found.filter(([file]) => handlers.some((handler) => file.startsWith(handler)));
  expect(inHandlers.map(([file]) => file).filter((file) => !ownFiles.has(file))).toEqual([]);
  // And there only reading: what the check names is not opened, and no file system is asked for its room.
  const reading = inHandlers.flatMap(([, names]) => names.match(/\w+/g) ?? []);
  expect(new Set(reading)).toEqual(new Set(["readFile", "readdir", "readlink"]));
  expect(found.filter(([, names]) => /\bstatfs/.test(names))).toEqual([]);
});
