import { expect, test } from "vitest";
import type { GroupMembership, GroupState, PendingHook } from "../../../src/ports/lifecycle.ts";
import { keepingHooks } from "../../../src/scaling-group/heartbeats.ts";
import { finishTermination, terminationLimitMs } from "../../../src/scaling-group/termination.ts";
import { createFakeLifecycle, launchHook, launching } from "../../fakes/lifecycle.ts";
import { createVirtualClock } from "../../fakes/virtual-clock.ts";
import { never, trouble } from "../run/world.ts";

const bye: PendingHook = { ...launchHook("bye", 60), transition: "terminating", globalSeconds: 6_000 };

/** An instance of the group `web` that is taken away. */
function terminating(
  state: GroupState = "termination-waiting",
  pending: readonly PendingHook[] = [bye],
): GroupMembership {
  return { ...launching([]), state, pending };
}

test("the hook that waits is completed, and its limit told", async () => {
  const lifecycle = createFakeLifecycle(terminating());
  const clock = createVirtualClock();
  expect(terminationLimitMs(lifecycle.group)).toBe(6_000_000);
  expect(await finishTermination({ lifecycle, clock }, never)).toEqual(["bye"]);
  expect(lifecycle.calls).toEqual(["CONTINUE web/bye"]);
  expect(await finishTermination({ lifecycle, clock }, never)).toEqual([]);
});

test.each<[string, GroupMembership | undefined]>([
  ["outside Auto Scaling", undefined],
  ["in service", { ...launching([], []), state: "in-service" }],
  ["while a launch hook waits", launching([])],
  ["in a group without a termination hook", terminating("terminated", [])],
])("%s there is nothing to complete", async (_where, group) => {
  const lifecycle = createFakeLifecycle(group);
  expect(terminationLimitMs(group)).toBeUndefined();
  expect(await finishTermination({ lifecycle, clock: createVirtualClock() }, never)).toEqual([]);
  expect(lifecycle.calls).toEqual([]);
});

test("hooks of which nothing says whose they are are left to their time-out, and the message names the setting", async () => {
  const other = { ...bye, name: "backup" };
  const lifecycle = createFakeLifecycle({ ...terminating("termination-waiting", []), unclaimed: [bye, other] });
  const clock = createVirtualClock();
  await expect(finishTermination({ lifecycle, clock }, never)).rejects.toMatchObject({
    code: "hooks-unclaimed",
    hint: "Name muster's own in /etc/muster/muster.yaml, as: lifecycle: { hooks: [bye] }",
  });
  await keepingHooks(
    { lifecycle, clock, emit: () => undefined },
    never,
    () => clock.sleep(600_000, never),
    "terminating",
  );
  expect(lifecycle.calls).toEqual([]);
});

test("a hook that waits only after the group's own drain is waited for, through trouble that passes", async () => {
  const lifecycle = createFakeLifecycle(terminating("terminating", []));
  const clock = createVirtualClock();
  clock.freeze();
  const finished = finishTermination({ lifecycle, clock }, never);
  await clock.advance(60_000);
  lifecycle.trouble = trouble("aws-throttled", true);
  await clock.advance(60_000);
  lifecycle.trouble = undefined;
  lifecycle.group = terminating();
  await clock.advance(60_000);
  expect(await finished).toEqual(["bye"]);
});

test("what does not pass is thrown, and an abort ends the wait", async () => {
  const lifecycle = createFakeLifecycle(terminating());
  lifecycle.trouble = trouble("aws-refused");
  await expect(finishTermination({ lifecycle, clock: createVirtualClock() }, never)).rejects.toMatchObject({
    code: "aws-refused",
  });
  const waiting = createFakeLifecycle(terminating("terminating", []));
  const clock = createVirtualClock();
  clock.freeze();
  const cancel = new AbortController();
  const finished = finishTermination({ lifecycle: waiting, clock }, cancel.signal);
  await clock.advance(1_000);
  cancel.abort(new Error("enough"));
  await expect(finished).rejects.toThrow("enough");
});

test("the hook gets its heartbeats while the instance leaves, from the moment it waits", async () => {
  const lifecycle = createFakeLifecycle(terminating("terminating", []));
  const clock = createVirtualClock();
  const deps = { lifecycle, clock, emit: () => expect.unreachable() };
  await keepingHooks(
    deps,
    never,
    async () => {
      await clock.sleep(40_000, never);
      lifecycle.group = terminating();
      await clock.sleep(100_000, never);
    },
    "terminating",
  );
  expect(lifecycle.calls.length).toBeGreaterThanOrEqual(3);
  expect(new Set(lifecycle.calls)).toEqual(new Set(["heartbeat web/bye"]));
});
