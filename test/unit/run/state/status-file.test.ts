import { expect, test } from "vitest";
import { statusAt, statusIn, statusToKeep } from "../../../../src/run/state/status-file.ts";
import { createFakeStateFiles } from "../../../fakes/state-files.ts";
import { held, serving } from "../../cli/reports.ts";

const moment = { now: new Date("2026-01-01T00:10:00.000Z"), upMs: 1000, bootId: "boot-a" };

test("what muster writes is read back as it is", () => {
  for (const status of [serving, held]) expect(statusIn(JSON.stringify(status))).toEqual(status);
});

test.each([
  ["no JSON", "{"],
  ["null", "null"],
  ["another version", '{"version":2,"state":"held"}'],
  ["a reason that is a number", JSON.stringify({ ...held, reason: 7 })],
  ["notices that are no list", JSON.stringify({ ...held, notices: "x" })],
  ["a time that is none", JSON.stringify({ ...held, since: "yesterday" })],
  ["nothing about reboots", JSON.stringify({ ...held, rebootRequired: null })],
])("%s: lookers are told that it is damaged, and the keeper begins anew", async (_what, text) => {
  const files = createFakeStateFiles({ "status.json": text });
  await expect(statusAt(files, moment)).rejects.toMatchObject({ code: "state-read-failed" });
  expect(await statusToKeep(files, moment)).toMatchObject({ state: "new", reason: "no run was made yet" });
});

test("without a file no run was made", async () => {
  expect(await statusAt(createFakeStateFiles(), moment)).toMatchObject({ state: "new" });
});

test("an optional field that is damaged is left out, and so is a stage or notice that nobody knows", () => {
  const { run } = serving;
  const text = JSON.stringify({
    ...serving,
    instance: { id: { toString: 1 } },
    patched: { at: "2026-01-01T00:00:00.000Z", upgraded: "three", pending: 0 },
    health: { healthy: true, since: "2026-01-01T00:00:00.000Z", checks: [null] },
    run: { ...run, stages: [...(run?.stages ?? []), { stage: "warp", state: "pending", text: "", facts: {} }] },
    notices: [{ code: "tag-refused", text: "a" }, 7],
    later: "of a newer binary",
  });
  const { instance: _instance, ...kept } = serving;
  expect(statusIn(text)).toEqual({
    ...kept,
    notices: [{ code: "tag-refused", text: "a" }],
    later: "of a newer binary",
  });
});
