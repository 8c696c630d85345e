import { expect, test } from "vitest";
import { parseEvent } from "../../../src/queries/recorded-event.ts";
import { createWorld } from "../run/world.ts";

test("every event of a run can be read back", async () => {
  const world = await createWorld();
  const agent = await world.start();
  await agent.run();
  world.healthy = false;
  await agent.run();
  await agent.drain();
  expect(new Set(agent.events.map(({ type }) => type)).size).toBeGreaterThan(6);
  for (const event of agent.events)
    expect(parseEvent(JSON.stringify(event))).toEqual(structuredClone(JSON.parse(JSON.stringify(event))));
});

test("an event without what it cannot be told without is none", () => {
  const at = "2026-01-01T00:00:00.000Z";
  const whole = { type: "command-started", stage: "config", id: 1, command: "git fetch", at };
  expect(parseEvent(JSON.stringify(whole))).toEqual(whole);
  for (const change of [
    { stage: "nowhere" },
    { id: "1" },
    { at: "yesterday" },
    { command: undefined },
    { type: "x" },
  ]) {
    expect(parseEvent(JSON.stringify({ ...whole, ...change })), JSON.stringify(change)).toBeUndefined();
  }
});

test("a command that exited has a code that is a number", () => {
  const event = { type: "command-finished", stage: "patch", id: 1, command: "apt-get upgrade", durationMs: 1 };
  expect(
    parseEvent(JSON.stringify({ ...event, at: "2026-01-01T00:00:00.000Z", ended: "exited", code: 100 })),
  ).toBeDefined();
  expect(parseEvent(JSON.stringify({ ...event, at: "2026-01-01T00:00:00.000Z", ended: "killed" }))).toBeDefined();
  for (const code of [{ toString: "x" }, "0", undefined]) {
    expect(
      parseEvent(JSON.stringify({ ...event, at: "2026-01-01T00:00:00.000Z", ended: "exited", code })),
    ).toBeUndefined();
  }
});
