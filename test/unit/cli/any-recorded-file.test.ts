// Whatever stands in the files that muster recorded, those who only look say it, or say that they cannot: no crash, and
// nothing that moves a cursor.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { statusCommand } from "../../../src/cli/commands/status.ts";
import { harmlessJson } from "../../../src/cli/terminal/text.ts";
import { MusterError } from "../../../src/domain/errors/errors.ts";
import type { StatusReport } from "../../../src/domain/instance/status.ts";
import { wishIn } from "../../../src/membership/wish-file.ts";
import { readApplied } from "../../../src/run/spine/applied.ts";
import { createDutyKeeper } from "../../../src/run/state/duty.ts";
import { catchUp } from "../../../src/run/state/catch-up.ts";
import { reduceStatus } from "../../../src/run/state/status.ts";
import { statusAt, statusIn } from "../../../src/run/state/status-file.ts";
import { createCatalogueReader } from "../../../src/settings/catalogue.ts";
import { unkept } from "../../fakes/unkept.ts";
import { createFakeStateFiles } from "../../fakes/state-files.ts";
import { changedJson, steers, tries } from "./hostile.ts";
import { held, serving, starting } from "./reports.ts";
import { aptUpgrade, eventsOf } from "./story.ts";
import { now, since, run, full, shown, terminal, ways, inputOf, showExplanation, never } from "./looked-at.ts";

test("status.json: a status, or the error that it is damaged", async () => {
  const property = fc.asyncProperty(changedJson([full, held, starting]), async (text) => {
    const files = createFakeStateFiles({ "status.json": text });
    const moment = { now: new Date(now), upMs: 1000, bootId: "boot-a" };
    let status: StatusReport;
    try {
      status = await statusAt(files, moment);
    } catch (error) {
      expect(error).toMatchObject({ code: "state-read-failed" });
      expect(statusIn(text)).toBeUndefined();
      return;
    }
    const command = statusCommand({ read: async () => unkept(status, { kind: "gone" }), connect: never, wait: never });
    await shown((io) => command.run({ args: [], options: {} }, io), ...ways);
    await shown((io) => command.run({ args: [], options: { json: true } }, io), {});
    await showExplanation(inputOf(status));
    const at = { at: now, run } as const;
    const events = [...catchUp(status), ...eventsOf(run, aptUpgrade(0))];
    expect(events.map((event) => ({ ...event, ...at })).reduce(reduceStatus, status).version).toBe(1);
  });
  await fc.assert(property, tries(400));
}, 3_600_000);
test("pause.json and membership.json: what they say, nothing, or one clear error", async () => {
  const target = {
    group: "web",
    instance: "i-1",
    member: "web-1",
    address: "10.0.0.1",
    port: 80,
    deadlineMs: 1,
    drainMs: 1,
  };
  const record = { zone: "example.internal", name: "a.example.internal", type: "A", ttl: 30, value: "10.0.0.1" };
  const places = { targets: [target], records: [record] };
  const owner = { account: "1", region: "local", instance: "i-1" };
  const wish = {
    want: "in",
    by: "run",
    reason: "run",
    since,
    bootId: "b",
    owner,
    places,
    former: places,
    tags: { state: "in" },
  };
  const pause = {
    v: 1,
    reason: "r",
    by: "ann",
    since,
    until: "2026-01-01T01:00:00.000Z",
    bootId: "boot-a",
    untilUpMs: 9e6,
  };
  const texts = fc.tuple(changedJson([pause]), changedJson([{ version: 1, wish }]));
  const property = fc.asyncProperty(texts, async ([pauseText, wishText]) => {
    const files = createFakeStateFiles({ "status.json": JSON.stringify(full), "pause.json": pauseText });
    const status = await statusAt(files, { now: new Date(now), upMs: 1000, bootId: "boot-a" });
    const command = statusCommand({ read: async () => status, connect: never, wait: never });
    await shown((io) => command.run({ args: [], options: {} }, io), {}, terminal);
    try {
      const known = wishIn(wishText);
      await showExplanation(inputOf(status, known === undefined ? {} : { wish: known }));
    } catch (error) {
      if (!(error instanceof MusterError)) throw error;
    }
  });
  await fc.assert(property, tries(300));
}, 3_600_000);
test("applied.json and duty.json: what they say, or nothing", async () => {
  const applied = { v: 1, commit: "abc", ref: "main", refKind: "branch", role: "web", environment: "dev", at: since };
  const duty = {
    v: 1,
    role: { name: "web" },
    environment: "dev",
    identity: { instance: serving.instance, tags: {} },
    commit: "abc",
  };
  const property = fc.asyncProperty(changedJson([applied]), changedJson([duty]), async (appliedText, dutyText) => {
    const files = createFakeStateFiles({ "applied.json": appliedText, "duty.json": dutyText });
    const known = await readApplied(files);
    await createDutyKeeper(files, createCatalogueReader()).load();
    await showExplanation(inputOf(serving, known === undefined ? {} : { applied: known }));
  });
  await fc.assert(property, tries(150));
}, 3_600_000);
test("JSON that steers nothing says the same", () => {
  const property = fc.property(fc.jsonValue(), changedJson([full]), (value, text) => {
    const json = JSON.stringify({ value, text });
    expect(steers(harmlessJson(json))).toBe(false);
    expect(JSON.parse(harmlessJson(json))).toEqual(JSON.parse(json));
  });
  fc.assert(property, tries(300));
}, 3_600_000);
