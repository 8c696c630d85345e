import { expect, test } from "vitest";
import { createJournal } from "../../../../src/run/state/journal.ts";
import { lastRun, newRunId, pruneRuns, runIds } from "../../../../src/run/state/runs.ts";
import { createFakeStateFiles } from "../../../fakes/state-files.ts";

const first = { request: { cause: "boot", dryRun: false }, instance: "i-1", serving: false } as const;

function depsFor(files = createFakeStateFiles()) {
  return { files, bootId: "boot-a", now: () => new Date("2026-01-01T00:00:00Z") };
}

test("numbers go up past what four digits hold, and the newest is the last", async () => {
  const deps = depsFor();
  for (const run of ["9998-0000", "9999-0000", "10000-0000"]) await createJournal(deps, run, first);
  expect(await runIds(deps)).toEqual(["9998-0000", "9999-0000", "10000-0000"]);
  expect(await newRunId(deps, () => 0.999999)).toBe("10001-ffff");
  expect(await lastRun(deps)).toMatchObject({ kind: "found", journal: { run: "10000-0000" } });
});

test("the newest twenty runs are kept, and three that could not be read", async () => {
  const deps = depsFor();
  for (let count = 1; count <= 30; count += 1) {
    const run = `${String(count).padStart(4, "0")}-abcd`;
    await createJournal(deps, run, first);
    if (count <= 6) await deps.files.setAside(`runs/${run}`);
  }
  await pruneRuns(deps);
  expect(await runIds(deps)).toHaveLength(20);
  expect((await runIds(deps))[0]).toBe("0011-abcd");
  const names = await deps.files.list("runs");
  expect(names.filter((name) => name.includes("unreadable"))).toEqual([
    "0004-abcd.unreadable-1",
    "0005-abcd.unreadable-1",
    "0006-abcd.unreadable-1",
  ]);
});

test("the newest whole run outlives twenty runs of single stages: the boot run was made", async () => {
  const deps = depsFor();
  const part = { ...first, request: { cause: "manual", dryRun: false, stages: ["clock"] } } as const;
  for (let count = 1; count <= 30; count += 1) {
    const journal = await createJournal(deps, `${String(count).padStart(4, "0")}-abcd`, count <= 2 ? first : part);
    await journal.append({ kind: "run-ended", end: { kind: "done", changed: false } });
  }
  await pruneRuns(deps);
  expect(await runIds(deps)).toHaveLength(21);
  expect((await runIds(deps)).slice(0, 2)).toEqual(["0002-abcd", "0011-abcd"]);
});

test("a journal that cannot be read is set aside, and the one before it is not taken for the last", async () => {
  const deps = depsFor();
  await createJournal(deps, "0001-abcd", first);
  deps.files.texts.set("runs/0002-abcd/journal.jsonl", "?\n");
  expect(await lastRun(deps)).toMatchObject({ kind: "set-aside", run: "0002-abcd" });
});

test("a run that died before its first entry was whole never began, and leaves nothing", async () => {
  const deps = depsFor();
  await createJournal(deps, "0001-abcd", first);
  deps.files.texts.set("runs/0002-abcd/journal.jsonl", "");
  deps.files.texts.set("runs/0003-abcd/journal.jsonl", '{"v":1,"at":');
  expect(await lastRun(deps)).toMatchObject({ kind: "found", journal: { run: "0001-abcd" } });
  expect([...deps.files.texts.keys()]).toEqual(["runs/0001-abcd/journal.jsonl"]);
});

test("a run that has done something and lost its journal is set aside", async () => {
  const deps = depsFor();
  await createJournal(deps, "0001-abcd", first);
  deps.files.texts.set("runs/0002-abcd/journal.jsonl", "");
  deps.files.texts.set("runs/0002-abcd/events.jsonl", "{}\n");
  expect(await lastRun(deps)).toMatchObject({ kind: "set-aside", run: "0002-abcd" });
});
