import { expect, test } from "vitest";
import { readApplied, writeApplied, type Applied } from "../../../../src/run/spine/applied.ts";
import { readMarks } from "../../../../src/run/state/ref-marks.ts";
import { setDamagedAside } from "../../../../src/run/state/damaged-state.ts";
import type { StateFiles } from "../../../../src/ports/state-files.ts";
import { createFakeStateFiles } from "../../../fakes/state-files.ts";

const at = (minute: number): string => `2026-01-01T00:${String(minute).padStart(2, "0")}:00.000Z`;
const id = (digit: string): string => digit.repeat(40);

function applied(ref: string, commit: string, minute: number, refKind: Applied["refKind"] = "branch"): Applied {
  return { commit, ref, refKind, role: "web", environment: "default", at: at(minute) };
}

async function marksIn(state: StateFiles): Promise<Record<string, string>> {
  const marks = await readMarks(state, await readApplied(state));
  return Object.fromEntries(marks.map(({ kind, ref, commit }) => [`${kind} ${ref}`, commit]));
}

test("each branch and tag keeps its own mark, whatever was applied in between", async () => {
  const state = createFakeStateFiles();
  await writeApplied(state, applied("main", id("1"), 1));
  await writeApplied(state, applied("main", id("2"), 2));
  await writeApplied(state, applied("release/1", id("3"), 3));
  await writeApplied(state, applied(id("4"), id("4"), 4, "commit"));
  await writeApplied(state, applied("main", id("5"), 5, "tag"));
  expect(await marksIn(state)).toEqual({ "branch main": id("2"), "branch release/1": id("3"), "tag main": id("5") });
});

test("what an older muster wrote down counts, and is not lost to a trial", async () => {
  const state = createFakeStateFiles();
  await state.write("applied.json", `${JSON.stringify({ v: 1, ...applied("main", id("1"), 1) })}\n`);
  expect(await marksIn(state)).toEqual({ "branch main": id("1") });
  await writeApplied(state, applied("release/1", id("3"), 3));
  expect(await marksIn(state)).toEqual({ "branch main": id("1"), "branch release/1": id("3") });
});

test("a fault of one mark takes back none of the others, and is said; the file is kept", async () => {
  const state = createFakeStateFiles();
  const good = { kind: "branch", ref: "main", commit: id("2"), at: at(2) };
  const text = JSON.stringify({ v: 1, marks: [{ ...good, commit: 7, ref: "x" }, good] });
  await state.write("ref-marks.json", text);
  const told: string[] = [];
  await setDamagedAside(state, (event) => void told.push("text" in event ? event.text : ""));
  expect(await marksIn(state)).toEqual({ "branch main": id("2") });
  expect(await state.read("ref-marks.json.unreadable-1")).toBe(text);
  expect(told).toEqual([expect.stringContaining("ref-marks.json cannot be read (it is malformed); it was kept as")]);
  await setDamagedAside(state, () => expect.unreachable());
});

test.each([
  ["pause.json", '{"v":1,"until":"tomorrow"}', "said"],
  ["pause.json", "[]", "said"],
  ["applied.json", '{"v":1}', "said"],
  ["reboots.json", '{"v":1,"planned":[{"run":1}]}', "said"],
  ["ref-marks.json", '{"v":1}', "said"],
  ["pause.json", '{"v":2,"until":"tomorrow"}', "left to its reader"],
  ["added-tags.json", "{", "left to its reader"],
])("%s that holds %s is %s", async (name, text, what) => {
  const state = createFakeStateFiles();
  await state.write(name, text);
  let told = 0;
  await setDamagedAside(state, () => (told += 1));
  expect([told, await state.read(name)]).toEqual(what === "said" ? [1, undefined] : [0, text]);
});

test("an older muster that went on in between counts, and its file can still be read by it", async () => {
  const state = createFakeStateFiles();
  await writeApplied(state, applied("main", id("1"), 1));
  expect(JSON.parse((await state.read("applied.json")) ?? "")).toEqual({ v: 1, ...applied("main", id("1"), 1) });
  await state.write("applied.json", `${JSON.stringify({ v: 1, ...applied("main", id("2"), 2) })}\n`);
  expect(await marksIn(state)).toEqual({ "branch main": id("2") });
});

test("a death between the two files takes no mark back", async () => {
  const state = createFakeStateFiles();
  await writeApplied(state, applied("main", id("1"), 1));
  const before = await state.read("applied.json");
  await writeApplied(state, applied("main", id("2"), 2));
  // The marks are written first.
  await state.write("applied.json", before ?? "");
  expect(await marksIn(state)).toEqual({ "branch main": id("2") });
});

test("marks that cannot be read leave what was applied last", async () => {
  const state = createFakeStateFiles();
  await writeApplied(state, applied("main", id("1"), 1));
  for (const text of ["{", '{"v":2}', '{"v":1,"marks":[{"kind":"branch"}]}']) {
    await state.write("ref-marks.json", text);
    expect(await marksIn(state)).toEqual({ "branch main": id("1") });
  }
});

test("nothing is written again for the same commit, and the number of marks is bounded", async () => {
  const state = createFakeStateFiles();
  await writeApplied(state, applied("main", id("1"), 1));
  const text = await state.read("ref-marks.json");
  await writeApplied(state, applied("main", id("1"), 9));
  expect(await state.read("ref-marks.json")).toBe(text);
  const marks = Array.from({ length: 1_000 }, (_, index) => ({
    kind: "tag",
    ref: `v${index}`,
    commit: id("1"),
    at: at(0),
  }));
  await state.write("ref-marks.json", JSON.stringify({ v: 1, marks }));
  await writeApplied(state, applied("release/1", id("3"), 10));
  const kept = await marksIn(state);
  expect(Object.keys(kept)).toHaveLength(1_000);
  expect(kept).toMatchObject({ "branch main": id("1"), "branch release/1": id("3") });
});
