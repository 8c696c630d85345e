import { expect, test } from "vitest";
import type { RunEvent } from "../../../../src/domain/run/events.ts";
import { createEventBus } from "../../../../src/run/state/event-bus.ts";

test("a listener that fails is heard of by the others once, and stops nobody", () => {
  const bus = createEventBus({ now: () => new Date("2026-01-01T00:00:00Z"), uptimeMs: () => 0 });
  const heard: RunEvent[] = [];
  let asked = 0;
  bus.listen(() => {
    asked += 1;
    throw new Error("not possible");
  });
  bus.listen((event) => heard.push(event));
  bus.emit({ type: "stage-started", stage: "clock" });
  bus.emit({ type: "stage-started", stage: "health" });
  expect(heard).toMatchObject([
    { type: "stage-started", stage: "clock" },
    {
      type: "notice",
      level: "error",
      code: "internal",
      text: "What listens to the events failed: Error: not possible",
    },
    { type: "stage-started", stage: "health" },
  ]);
  expect(asked, "it is told all the same what happens").toBe(3);
});
