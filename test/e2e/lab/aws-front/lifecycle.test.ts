import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { type Effects, type Hook, startPassage } from "../../../lab/aws-front/lifecycle.ts";

const gates: Hook = { name: "gates", transition: "launching", heartbeatSeconds: 60, defaultResult: "ABANDON" };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function effects(): { done: string[] } & Effects {
  const done: string[] = [];
  const note = async (what: string) => void done.push(what);
  return {
    done,
    register: () => note("register"),
    deregister: () => note("deregister"),
    terminate: () => note("terminate"),
    target: (state) => void done.push(state),
    trouble: (error) => void done.push(String(error)),
  };
}

test("heartbeats extend the wait, but not beyond a hundred times the heartbeat", async () => {
  const passage = startPassage(() => [gates], effects());
  await vi.advanceTimersByTimeAsync(0);
  for (let minutes = 0; minutes < 199; minutes += 1) {
    await vi.advanceTimersByTimeAsync(30_000);
    expect([minutes, passage.heartbeat("gates")]).toEqual([minutes, true]);
  }
  expect(passage.state).toBe("Pending:Wait");
  await vi.advanceTimersByTimeAsync(30_000);
  expect(passage.heartbeat("gates")).toBe(false);
  expect(passage.state).toBe("Terminated");
});

test("the order of states, and what happens in each", async () => {
  const leave: Hook = { ...gates, name: "leave", transition: "terminating", defaultResult: "CONTINUE" };
  const seen = effects();
  const passage = startPassage(() => [gates, leave], seen);
  await vi.advanceTimersByTimeAsync(0);
  expect(seen.done).toEqual(["InService"]);
  expect(passage.complete("leave", "CONTINUE"), "a hook of another transition").toBe(false);
  expect(passage.complete("gates", "CONTINUE")).toBe(true);
  await vi.advanceTimersByTimeAsync(0);
  passage.terminate();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(passage.history).toEqual([
    ...["Pending", "Pending:Wait", "Pending:Proceed", "InService"],
    ...["Terminating", "Terminating:Wait", "Terminating:Proceed", "Terminated"],
  ]);
  expect(seen.done).toEqual(["InService", "register", "Terminated", "deregister", "terminate"]);
});

test("scaled in while it still waits, it never gets into service", async () => {
  const seen = effects();
  const passage = startPassage(() => [gates], seen);
  await vi.advanceTimersByTimeAsync(0);
  passage.terminate();
  expect(passage.complete("gates", "CONTINUE")).toBe(false);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(passage.state).toBe("Terminated");
  expect(seen.done).not.toContain("register");
});
