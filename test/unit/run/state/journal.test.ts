import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, asyncProperty, nat } from "fast-check";
import { expect, test } from "vitest";
import { createStateFiles } from "../../../../src/adapters/host/state-files.ts";
import { createJournal, journalName, openJournal, type Journal } from "../../../../src/run/state/journal.ts";
import { createFakeStateFiles } from "../../../fakes/state-files.ts";

const run = "0001-abcd";
const request = { cause: "boot", dryRun: false } as const;
const first = { request, instance: "i-1", serving: false } as const;

function depsFor(bootId = "boot-a", files = createFakeStateFiles()) {
  return { files, bootId, now: () => new Date("2026-01-01T00:00:00Z") };
}

async function reopened(deps: ReturnType<typeof depsFor>, bootId = deps.bootId): Promise<Journal> {
  const journal = await openJournal({ ...deps, bootId }, run);
  if ("unreadable" in journal) throw new Error(journal.unreadable);
  return journal;
}

test("a result is replayed for as long as it holds", async () => {
  const deps = depsFor();
  const journal = await createJournal(deps, run, first);
  const entry = { kind: "step-finished", stage: "config", changed: true } as const;
  await journal.append({ ...entry, key: "run", holds: "run", result: { commit: "c" } });
  await journal.append({ ...entry, key: "boot", holds: "boot", result: 1 });
  await journal.append({ ...entry, key: "never", holds: "never", result: 2 });

  const same = await reopened(deps);
  expect(same.replay("run")).toEqual({ result: { commit: "c" }, changed: true });
  expect(same.replay("boot")).toEqual({ result: 1, changed: true });
  expect(same.replay("never")).toBeUndefined();
  expect(same.replay("other")).toBeUndefined();

  const later = await reopened(deps, "boot-b");
  expect(later.replay("run")?.result).toEqual({ commit: "c" });
  expect(later.replay("boot")).toBeUndefined();
});

test("the state tells what was open, in which boot, and how the run ended", async () => {
  const deps = depsFor();
  const journal = await createJournal(deps, run, first);
  await journal.append({ kind: "step-started", stage: "patch", key: "k" });
  expect(journal.state).toMatchObject({ open: ["patch"], end: undefined, lastBoot: "boot-a", changed: false });

  const resumed = await reopened(deps, "boot-b");
  await resumed.append({
    kind: "step-failed",
    stage: "patch",
    key: "k",
    error: { code: "c", message: "m", hint: "h" },
  });
  await resumed.append({ kind: "run-ended", end: { kind: "in-service", changed: true } });
  expect((await reopened(deps)).state).toMatchObject({
    open: [],
    end: { kind: "in-service", changed: true },
    lastBoot: "boot-b",
  });
});

test("what a power cut left of the last line is dropped, and the next entry stands alone", async () => {
  const deps = depsFor();
  const journal = await createJournal(deps, run, first);
  await journal.append({ kind: "step-started", stage: "patch", key: "k" });
  const text = deps.files.texts.get(journalName(run)) ?? "";
  deps.files.texts.set(journalName(run), `${text}{"v":1,"at":"2026-01-01T0`);

  const again = await reopened(deps);
  await again.append({ kind: "step-started", stage: "converge", key: "l" });
  expect((await reopened(deps)).state.open).toEqual(["patch", "converge"]);
});

test.each([
  ["nothing", ""],
  ["garbage", "garbage\n"],
  ["an entry of another version", '{"v":2,"at":"x","boot":"b","kind":"run-started"}\n'],
  ["a journal without its start", '{"v":1,"at":"x","boot":"b","kind":"step-started","stage":"patch","key":"k"}\n'],
])("%s is no journal", async (_what, text) => {
  const deps = depsFor();
  deps.files.texts.set(journalName(run), text);
  expect(await openJournal(deps, run)).toHaveProperty("unreadable");
});

test("a journal cut at any byte is either a shorter journal or none, never a wrong one", async () => {
  const deps = depsFor();
  const journal = await createJournal(deps, run, first);
  await journal.append({ kind: "step-started", stage: "patch", key: "k" });
  await journal.append({
    kind: "step-finished",
    stage: "patch",
    key: "k",
    holds: "run",
    changed: true,
    result: { n: 1 },
  });
  const whole = deps.files.texts.get(journalName(run)) ?? "";
  await assert(
    asyncProperty(nat(whole.length), async (length) => {
      const files = createFakeStateFiles({ [journalName(run)]: whole.slice(0, length) });
      const opened = await openJournal({ ...deps, files }, run);
      const lines = whole.slice(0, length).split("\n").length - 1;
      if (lines === 0) expect(opened).toHaveProperty("unreadable");
      else if (!("unreadable" in opened)) expect(opened.replay("k") === undefined).toBe(lines < 3);
      else throw new Error(opened.unreadable);
    }),
  );
});

test("what a full disk left of an entry does not run into the next one", async () => {
  const deps = depsFor();
  const journal = await createJournal(deps, run, first);
  const append = deps.files.append.bind(deps.files);
  deps.files.append = async (name, text) => {
    await append(name, text.slice(0, 20));
    throw new Error("no space left");
  };
  await expect(journal.append({ kind: "step-started", stage: "patch", key: "k" })).rejects.toThrow("no space");
  deps.files.append = append;
  await journal.append({ kind: "step-started", stage: "converge", key: "l" });
  await journal.append({ kind: "run-ended", end: { kind: "done", changed: false } });
  expect((await reopened(deps)).state).toMatchObject({ open: ["converge"], end: { kind: "done" } });
});

test("entries that are appended side by side are all on disk, in the order in which they were made", async () => {
  const root = mkdtempSync(join(tmpdir(), "muster-journal-"));
  try {
    const deps = { ...depsFor(), files: createStateFiles(root) };
    const journal = await createJournal(deps, run, first);
    const keys = Array.from({ length: 50 }, (_, index) => `k${index}`);
    await Promise.all(keys.map((key) => journal.append({ kind: "step-started", stage: "patch", key })));
    const lines = readFileSync(join(root, journalName(run)), "utf8")
      .trimEnd()
      .split("\n");
    expect(lines.slice(1).map((line) => (JSON.parse(line) as { key: string }).key)).toEqual(keys);
  } finally {
    rmSync(root, { recursive: true });
  }
});
