import { describe, expect, test } from "vitest";
import { zonesFile } from "../../../src/adapters/aws/route53-zones.ts";
import { createTagCache, tagCacheFile } from "../../../src/adapters/aws/tag-cache.ts";
import { patchWindowFile } from "../../../src/daemon/patching/patch-window.ts";
import { slotFile } from "../../../src/daemon/patching/slot-keeper.ts";
import { departuresFile } from "../../../src/daemon/controllers/answered.ts";
import { sweepFile } from "../../../src/daemon/sweep/sweep-file.ts";
import type { Json } from "../../../src/domain/text/canonical.ts";
import { stateFileNames } from "../../../src/domain/settings/own-state.ts";
import { readWish } from "../../../src/membership/wish-file.ts";
import { appliedFile } from "../../../src/run/spine/applied.ts";
import { setDamagedAside } from "../../../src/run/state/damaged-state.ts";
import { createDutyKeeper } from "../../../src/run/state/duty.ts";
import { pauseFile } from "../../../src/run/state/pause-file.ts";
import { rebootsFile } from "../../../src/run/spine/reboot-budget.ts";
import { createRecordings } from "../../../src/queries/recordings.ts";
import { refMarksFile } from "../../../src/run/state/ref-marks.ts";
import { stateOwner } from "../../../src/run/start/start.ts";
import { statusIn } from "../../../src/run/state/status-file.ts";
import { standbyFile } from "../../../src/scaling-group/standby.ts";
import { createCatalogueReader } from "../../../src/settings/catalogue.ts";
import { restoreConfig } from "../../../src/stages/config/pinned.ts";
import { createFakeStateFiles } from "../../fakes/state-files.ts";
import { fixture, formatOne, grownText, stateOf } from "./formats.ts";
import { readRecording } from "../../../src/domain/run/recording.ts";

const whole = [
  appliedFile,
  departuresFile,
  patchWindowFile,
  pauseFile,
  rebootsFile,
  refMarksFile,
  slotFile,
  standbyFile,
  sweepFile,
  tagCacheFile,
  zonesFile,
];

const runs = Object.keys(formatOne).flatMap((name) => /^runs\/(.+)\/journal\.jsonl$/.exec(name)?.[1] ?? []);

test("there is a fixture of every state file, and of journals that ended, were held, rebooted and were interrupted", () => {
  expect(stateFileNames.filter((name) => !Object.hasOwn(formatOne, name))).toEqual([]);
  expect(runs).toHaveLength(4);
});

describe("what this binary's predecessor wrote", () => {
  test.each(whole)("$name is read as it was written", async (file) => {
    const { v, ...written } = JSON.parse(fixture(file.name)) as Record<string, unknown>;
    expect(v).toBe(1);
    expect(await file.read(createFakeStateFiles(formatOne))).toMatchObject(written);
  });

  test("instance.json, tags.json and membership.json are read as they were written", async () => {
    const files = createFakeStateFiles(formatOne);
    expect(await stateOwner(files)).toBe((JSON.parse(fixture("instance.json")) as { id: string }).id);
    const tags = createTagCache(files, () => new Date(0));
    expect((await tags.read("i-16fb099cb2f02905c"))?.tags).toEqual({
      "muster:role": "web",
      "muster:environment": "dev",
    });
    const { version: _version, ...record } = JSON.parse(fixture("membership.json")) as Record<string, unknown>;
    expect(await readWish(files)).toEqual({ kind: "read", record });
  });

  test.each(["status.json", "status-held.json", "status-out.json"])("%s is read as it was written", (name) => {
    expect(statusIn(fixture(name))).toEqual(JSON.parse(fixture(name)));
  });

  test("journals tell how their runs ended, and that one was interrupted", async () => {
    const told = await Promise.all(
      runs.toSorted().map(async (run) => {
        const state = await stateOf(fixture(`runs/${run}/journal.jsonl`), run);
        if ("unreadable" in state) throw new Error(state.unreadable);
        return [run, state.end?.kind, state.reboots, state.open];
      }),
    );
    expect(told).toEqual([
      ["0001-6a6a", "done", 0, []],
      ["0001-c67e", "in-service", 1, []],
      ["0001-da3e", "held", 0, []],
      ["0002-117a", undefined, 0, ["identity"]],
    ]);
  });

  test("whole roles in journals and in the duty are read again by the catalogue of their commit", async () => {
    const text = "version: 1\nroles: { web: { schedule: { drift: '1 * * * *' } } }\n";
    const reader = createCatalogueReader();
    const pins = runs
      .flatMap((run) => fixture(`runs/${run}/journal.jsonl`).trim().split("\n"))
      .map((line) => JSON.parse(line) as { kind: string; stage?: string; result: Json })
      .filter(({ kind, stage }) => kind === "step-finished" && stage === "config");
    expect(pins).toHaveLength(3);
    for (const { result } of pins) {
      const files = createFakeStateFiles();
      const sources = { repo: { readFile: async () => text }, reader, files };
      const pin = await restoreConfig(result, sources, new AbortController().signal);
      expect(pin).toMatchObject({ role: { name: "web", schedule: { drift: "1 * * * *" } }, refKind: "branch" });
    }
    const { commit } = JSON.parse(fixture("duty.json")) as { commit: string };
    const files = createFakeStateFiles({ ...formatOne, [`worktrees/${commit}/tree/muster.yaml`]: text });
    const duty = createDutyKeeper(files, reader);
    await duty.load();
    expect(duty.current()).toMatchObject({ role: { name: "web" }, commit, ref: "main", environment: "dev" });
  });

  test("nothing of it is set aside as damaged", async () => {
    await setDamagedAside(createFakeStateFiles(formatOne), () => expect.unreachable());
  });
});

describe("unknown keys at every level, as a newer binary may write them", () => {
  const newer = Object.fromEntries(
    Object.entries(formatOne).map(([name, text]) => [
      name,
      /(^|-)tags\.json$/.test(name) && name !== "tags.json" ? text : grownText(text),
    ]),
  );

  test.each(whole)("$name says the same", async (file) => {
    const before = await file.read(createFakeStateFiles(formatOne));
    expect(await file.read(createFakeStateFiles(newer))).toMatchObject(before ?? {});
  });

  test("the wish is the same", async () => {
    const before = await readWish(createFakeStateFiles(formatOne));
    expect(await readWish(createFakeStateFiles(newer))).toMatchObject(before);
  });

  test.each(["status.json", "status-held.json", "status-out.json"])("%s says the same", (name) => {
    expect(statusIn(newer[name] ?? "")).toMatchObject(JSON.parse(fixture(name)) as object);
  });

  test.each(runs)("the journal of run %s tells the same", async (run) => {
    const name = `runs/${run}/journal.jsonl`;
    expect(await stateOf(newer[name] ?? "", run)).toEqual(await stateOf(fixture(name), run));
  });

  test("a recording tells the same", async () => {
    const before = await readRecording(createRecordings(createFakeStateFiles(formatOne)), "0001-c67e");
    const after = await readRecording(createRecordings(createFakeStateFiles(newer)), "0001-c67e");
    expect(before.unreadable).toBe(0);
    expect(after.unreadable).toBe(0);
    expect(after.events).toMatchObject(before.events);
  });

  test("nothing of it is set aside as damaged", async () => {
    await setDamagedAside(createFakeStateFiles(newer), () => expect.unreachable());
  });
});
