import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keepTextfile } from "../../../../src/adapters/prometheus/textfile.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "muster-textfile-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const event = { type: "stage-started", stage: "clock", at: "2026-01-01T00:00:00.000Z" } as const;

test("a burst of events costs few writes, the newest text is there, and nothing else", async () => {
  const path = join(root, "textfile_collector/muster.prom");
  const umask = process.umask(0o077);
  let asked = 0;
  const file = keepTextfile(path, async () => `muster_asked ${(asked += 1)}\n`, fail);
  for (let count = 0; count < 100; count += 1) file.onEvent(event);
  await file.flush();
  expect(asked).toBeLessThanOrEqual(2);
  expect(readFileSync(path, "utf8")).toBe(`muster_asked ${asked}\n`);
  process.umask(umask);
  expect(statSync(path).mode & 0o777).toBe(0o644);
  expect(statSync(join(root, "textfile_collector")).mode & 0o777).toBe(0o755);
  expect(readdirSync(join(root, "textfile_collector"))).toEqual(["muster.prom"]);
});

test("a disk that takes nothing is said once, and again after it took something", async () => {
  const told: string[] = [];
  const parent = join(root, "not-a-directory");
  writeFileSync(parent, "");
  const file = keepTextfile(
    join(parent, "muster.prom"),
    async () => "",
    (why) => told.push(why),
  );
  await file.flush();
  await file.flush();
  expect(told).toHaveLength(1);
  rmSync(parent);
  await file.flush();
  rmSync(parent, { recursive: true });
  writeFileSync(parent, "");
  await file.flush();
  expect(told).toHaveLength(2);
});

test("a link in the place of a temporary file that could be guessed is left alone, and what a dead agent left goes", async () => {
  const victim = join(root, "victim");
  writeFileSync(victim, "secret\n", { mode: 0o600 });
  const path = join(root, "muster.prom");
  symlinkSync(victim, `${path}.${process.pid}.tmp`);
  writeFileSync(join(root, "muster.prom.0123456789abcdef.tmp"), "");
  await keepTextfile(path, async () => "muster_up 1\n", fail).flush();
  expect(readFileSync(victim, "utf8")).toBe("secret\n");
  expect(statSync(victim).mode & 0o777).toBe(0o600);
  expect(readFileSync(path, "utf8")).toBe("muster_up 1\n");
  expect(readdirSync(root).filter((name) => /[0-9a-f]{16}.tmp$/.test(name))).toEqual([]);
});

function fail(why: string): void {
  throw new Error(why);
}
