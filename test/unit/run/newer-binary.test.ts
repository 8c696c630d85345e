import { describe, expect, test } from "vitest";
import { slotFile } from "../../../src/daemon/patching/slot-keeper.ts";
import { departuresFile } from "../../../src/daemon/controllers/answered.ts";
import { createWishStore } from "../../../src/membership/wish-store.ts";
import { appliedFile } from "../../../src/run/spine/applied.ts";
import { setDamagedAside } from "../../../src/run/state/damaged-state.ts";
import { openJournal } from "../../../src/run/state/journal.ts";
import { spendReboot } from "../../../src/run/spine/reboot-budget.ts";
import { createRecordings } from "../../../src/queries/recordings.ts";
import { readMarks, writeMarks } from "../../../src/run/state/ref-marks.ts";
import { statusIn } from "../../../src/run/state/status-file.ts";
import { createFakeStateFiles } from "../../fakes/state-files.ts";
import { changed, fixture, formatOne, grownText, stateOf } from "./formats.ts";
import { readRecording } from "../../../src/domain/run/recording.ts";

describe("words of a newer binary", () => {
  const run = "0001-c67e";
  const journal = fixture(`runs/${run}/journal.jsonl`);

  test("a stage that this binary does not know is passed over, and how the run ended is still told", async () => {
    const before = await stateOf(journal, run);
    const after = await stateOf(changed(journal, '"stage":"patch"', '"stage":"warm-up"'), run);
    expect({ ...after, changed: true }).toEqual({ ...before, changed: true });
    const held = fixture("runs/0001-da3e/journal.jsonl");
    expect(await stateOf(changed(held, '"stage":"health"', '"stage":"warm-up"'), "0001-da3e")).toMatchObject({
      end: { kind: "held", stage: "identity", error: { code: "health-failed" } },
    });
  });

  test.each([
    ["a kind of entry", '"kind":"step-started","stage":"patch"', '"kind":"step-prepared","stage":"patch"'],
    ["a cause of the run", '"request":{"cause":"boot"', '"request":{"cause":"rollout"'],
    ["a lifetime of a result", '"holds":"boot"', '"holds":"until-the-settings-change"'],
  ])("%s", async (_what, from, to) => {
    const before = await stateOf(journal, run);
    expect(before).toMatchObject({ end: { kind: "in-service" }, reboots: 1 });
    expect(await stateOf(changed(journal, from, to), run)).toMatchObject({ end: { kind: "in-service" }, reboots: 1 });
  });

  test("stages that were asked for: those that this binary knows, and never all in their place", async () => {
    const asked = journal.replace('"request":{', '"request":{"stages":["warm-up","dns"],');
    expect(await stateOf(asked, run)).toMatchObject({ started: { request: { stages: ["dns"] } } });
  });

  test("an end of a kind that this binary does not know is an end: the run is not taken up again", async () => {
    const ended = changed(journal, '"end":{"kind":"in-service"', '"end":{"kind":"in-rotation"');
    const end = { kind: "done", note: 'the run ended as "in-rotation", which only a newer muster knows' };
    expect(await stateOf(ended, run)).toMatchObject({ end });
    const events = changed(fixture(`runs/${run}/events.jsonl`), '"kind":"in-service"', '"kind":"in-rotation"');
    const read = await readRecording(
      createRecordings(createFakeStateFiles({ [`runs/${run}/events.jsonl`]: events })),
      run,
    );
    expect(read.events.findLast(({ type }) => type === "run-finished")).toMatchObject({ end });
  });

  test("what is malformed is no newer word: the journal cannot be used", async () => {
    expect(await stateOf(changed(journal, '"stage":"patch"', '"stage":7'), run)).toHaveProperty("unreadable");
    expect(await stateOf(changed(journal, '"holds":"boot"', '"holds":7'), run)).toHaveProperty("unreadable");
  });

  test("a torn append writes the journal again with every line that this binary passed over", async () => {
    const text = changed(journal, '"stage":"patch"', '"stage":"warm-up"').replaceAll('{"v":1', '{"v":1,"newer":true');
    const name = `runs/${run}/journal.jsonl`;
    const files = createFakeStateFiles({ [name]: text });
    const opened = await openJournal({ files, now: () => new Date(0), bootId: "boot-now" }, run);
    if ("unreadable" in opened) throw new Error(opened.unreadable);
    const entry = { kind: "step-started", stage: "dns", key: "k" } as const;
    files.failWrites(new Error("the disk is full"));
    await expect(opened.append(entry)).rejects.toThrow("the disk is full");
    files.failWrites(undefined);
    files.texts.set(name, `${text}{"v":1,"at":"2026-`);
    await opened.append(entry);
    expect(files.texts.get(name)).toBe(
      `${text}{"v":1,"at":"1970-01-01T00:00:00.000Z","boot":"boot-now",${JSON.stringify(entry).slice(1)}\n`,
    );
  });

  test("an event of an unknown type, or of an unknown stage, is passed over; the others are read", async () => {
    const name = `runs/${run}/events.jsonl`;
    const before = await readRecording(createRecordings(createFakeStateFiles(formatOne)), run);
    const text = changed(fixture(name), '"type":"command-finished"', '"type":"command-over"').concat(
      '{"type":"stage-started","stage":"warm-up","at":"2026-11-30T21:02:47.933Z"}\n{"type":"rollout","at":"2026-11-30T21:02:47.933Z"}\n',
    );
    const after = await readRecording(createRecordings(createFakeStateFiles({ [name]: text })), run);
    expect(after.events).toEqual(before.events.filter(({ type }) => type !== "command-finished"));
  });

  test("status: an unknown state is shown as it is, an unknown stage and an unknown outcome are passed over", () => {
    const text = fixture("status.json")
      .replace('"state":"in-service"', '"state":"in-rotation"')
      .replace('"stage":"patch"', '"stage":"warm-up"')
      .replace('"stage":"index","state":"unchanged"', '"stage":"index","state":"postponed"');
    const status = statusIn(text);
    expect(status?.state).toBe("in-rotation");
    const before = statusIn(fixture("status.json"))?.run?.stages ?? [];
    expect(status?.run?.stages).toEqual(before.filter(({ stage }) => stage !== "patch" && stage !== "index"));
  });

  test("applied.json, slot.json and departures.json keep what else they say", async () => {
    const files = createFakeStateFiles({
      "applied.json": changed(fixture("applied.json"), '"refKind":"branch"', '"refKind":"change"'),
      "slot.json": changed(fixture("slot.json"), '"purpose":"patch"', '"purpose":"rollout"'),
      "departures.json": changed(fixture("departures.json"), '"standby standby"', '"rollout now"'),
    });
    await setDamagedAside(files, () => expect.unreachable());
    expect(await appliedFile.read(files)).toMatchObject({ refKind: "commit", ref: "main" });
    expect(await slotFile.read(files)).toMatchObject({ purpose: "patch", hold: { number: 1 } });
    expect((await departuresFile.read(files))?.answered).toEqual(["rollout now"]);
  });
});

describe("a file that is written again keeps what this binary passed over", () => {
  const at = "2026-12-01T00:00:00.000Z";

  test("ref-marks.json: marks of another kind, and unknown keys of a mark", async () => {
    const [first] = (JSON.parse(fixture("ref-marks.json")) as { marks: [{ ref: string }] }).marks;
    const marks = [
      { ...first, "of-a-newer-binary": 1 },
      { ...first, kind: "change", ref: "refs/changes/1" },
    ];
    const files = createFakeStateFiles({ "ref-marks.json": JSON.stringify({ v: 1, marks }) });
    expect(await readMarks(files, undefined)).toHaveLength(1);
    const applied = { refKind: "tag", ref: "v1", commit: "1".repeat(40), at } as const;
    await writeMarks(files, undefined, applied);
    const written = JSON.parse((await files.read("ref-marks.json")) ?? "") as { marks: unknown[] };
    expect(written.marks).toEqual(expect.arrayContaining(marks));
    expect(written.marks).toHaveLength(3);
  });

  test("reboots.json: unknown keys of a reboot", async () => {
    const files = createFakeStateFiles({ "reboots.json": grownText(fixture("reboots.json")) });
    await spendReboot(files, { run: "0009-aaaa", at, boot: "another" });
    const { planned } = JSON.parse((await files.read("reboots.json")) ?? "") as { planned: unknown[] };
    expect(planned[0]).toHaveProperty("of-a-newer-binary");
  });

  test("membership.json: unknown keys of the wish while it is worked on, and endpoints in unknown words for good", async () => {
    const read = JSON.parse(fixture("membership.json")) as {
      wish: { places: { targets: object[]; records: object[] }; former: object };
    };
    const [target] = read.wish.places.targets;
    const [record] = read.wish.places.records;
    const newTarget = { ...target, group: "mesh", balancer: "mesh" };
    const newRecord = { ...record, name: "geo.example.internal", routing: { policy: "latency", region: "eu-west-1" } };
    const { wish } = read;
    const places = { targets: [...wish.places.targets, newTarget], records: [newRecord, ...wish.places.records] };
    const text = JSON.stringify({ ...read, wish: { ...wish, by: "rollout", places, plan: "b" } });
    const files = createFakeStateFiles({ "membership.json": text });
    const store = createWishStore(files);
    expect(await store.load()).toMatchObject({
      kind: "read",
      record: { wish: { want: "in", by: "operator", places: wish.places } },
      newer: { targets: [newTarget], records: [newRecord] },
    });
    const present = store.record();
    if (present === undefined) throw new Error("no wish");
    await store.note({ ...present, partedAt: at }, store.signal());
    const kept = { targets: [newTarget], records: [newRecord] };
    expect(JSON.parse((await files.read("membership.json")) ?? "")).toMatchObject({
      partedAt: at,
      wish: { plan: "b", former: kept },
    });
    await store.replace(() => ({ wish: { ...present.wish, want: "out", by: "run" } }));
    expect(JSON.parse((await files.read("membership.json")) ?? "")).toMatchObject({
      wish: { want: "out", former: kept },
    });
  });
});
