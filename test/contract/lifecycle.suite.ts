import { beforeEach, describe, expect, test } from "vitest";
import type { GroupState, GroupTarget, Lifecycle } from "../../src/ports/lifecycle.ts";

/** Auto Scaling as one instance meets it, and what a test may do to it. */
export type LifecycleWorld = {
  readonly lifecycle: Lifecycle;
  /** Where the instance is: nowhere, or in group `web` with hooks `ready` (launch) and `bye` (termination). */
  place(where: { readonly state: GroupState; readonly attached: readonly string[] } | undefined): void;
  /** Calls that reached Auto Scaling since the last place. */
  calls(): number;
  /** What the hook `ready` was completed with; undefined while it waits. */
  result(): "CONTINUE" | "ABANDON" | undefined;
  /** Whether the group may not become smaller from now on. */
  atMinimum(is: boolean): void;
  /** Whether the group was told that this instance is not healthy. */
  unhealthy(): boolean;
};

const signal = new AbortController().signal;
const arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/73e2d6bc24d8a067";

/** The contract of src/ports/lifecycle.ts. */
export function lifecycleSuite(name: string, create: () => LifecycleWorld): void {
  let world: LifecycleWorld;

  beforeEach(() => {
    world = create();
  });

  describe(`lifecycle: ${name}`, () => {
    test("an instance that no group launched is told so, at no cost", async () => {
      world.place(undefined);
      expect(await world.lifecycle.observe(signal)).toBeUndefined();
      expect(await world.lifecycle.state(signal)).toBeUndefined();
      expect(world.calls()).toBe(0);
    });

    test.each<[GroupState, GroupTarget]>([
      ["launch-waiting", "in-service"],
      ["warm-launch-waiting", "warm"],
      ["termination-waiting", "terminated"],
      ["standby", "standby"],
      ["detached", "detached"],
    ])("of an instance in %s it is known at no cost that it shall be %s", async (state, target) => {
      world.place({ state, attached: [] });
      expect(await world.lifecycle.target(signal)).toBe(target);
      world.place(undefined);
      expect(await world.lifecycle.target(signal)).toBeUndefined();
      expect(world.calls()).toBe(0);
    });

    test("a launch that waits is told with its hook and the attached balancers", async () => {
      world.place({ state: "launch-waiting", attached: [arn, "web-classic"] });
      expect(await world.lifecycle.observe(signal)).toEqual({
        group: "web",
        state: "launch-waiting",
        attachedTargetGroups: [arn, "web-classic"],
        pending: [
          {
            name: "ready",
            transition: "launching",
            heartbeatSeconds: 600,
            globalSeconds: 60_000,
            defaultResult: "abandon",
          },
        ],
        hasLaunchHook: true,
      });
    });

    test.each<[GroupState, string[]]>([
      ["warm-launch-waiting", ["ready"]],
      ["termination-waiting", ["bye"]],
      ["launching", []],
      ["in-service", []],
    ])("in %s these hooks wait: %j", async (state, pending) => {
      world.place({ state, attached: [] });
      const group = await world.lifecycle.observe(signal);
      expect(group?.pending.map((hook) => hook.name)).toEqual(pending);
      expect(group?.hasLaunchHook).toBe(true);
    });

    test("an instance that was detached is told so, and not that no group launched it", async () => {
      world.place({ state: "detached", attached: [] });
      expect(await world.lifecycle.observe(signal)).toMatchObject({ state: "detached", pending: [] });
      expect(await world.lifecycle.state(signal)).toBe("detached");
    });

    test("a hook is kept waiting, completed, and completed again without harm", async () => {
      world.place({ state: "launch-waiting", attached: [] });
      await world.lifecycle.heartbeat("web", "ready", signal);
      expect(world.result()).toBeUndefined();
      expect(await world.lifecycle.complete("web", "ready", "continue", signal)).toBe(true);
      expect(world.result()).toBe("CONTINUE");
      expect(await world.lifecycle.state(signal)).toBe("in-service");
      expect(await world.lifecycle.complete("web", "ready", "abandon", signal)).toBe(false);
      await world.lifecycle.heartbeat("web", "ready", signal);
      expect(world.result()).toBe("CONTINUE");
      expect((await world.lifecycle.observe(signal))?.pending).toEqual([]);
    });

    test("standby is entered once, and left once", async () => {
      world.place({ state: "in-service", attached: [] });
      await world.lifecycle.enterStandby("web", signal);
      expect((await world.lifecycle.observe(signal))?.state).toBe("standby");
      await world.lifecycle.enterStandby("web", signal);
      expect((await world.lifecycle.observe(signal))?.state).toBe("standby");
      await world.lifecycle.exitStandby("web", signal);
      expect(await world.lifecycle.observe(signal)).toMatchObject({ state: "in-service", pending: [] });
      await world.lifecycle.exitStandby("web", signal);
      expect((await world.lifecycle.observe(signal))?.state).toBe("in-service");
    });

    test("a group that may not become smaller refuses, and the instance stays where it is", async () => {
      world.place({ state: "in-service", attached: [] });
      world.atMinimum(true);
      await expect(world.lifecycle.enterStandby("web", signal)).rejects.toMatchObject({
        code: "standby-refused",
        transient: false,
      });
      expect((await world.lifecycle.observe(signal))?.state).toBe("in-service");
    });

    test("the group is told that this instance is not healthy", async () => {
      world.place({ state: "in-service", attached: [] });
      expect(world.unhealthy()).toBe(false);
      await world.lifecycle.setUnhealthy(signal);
      expect(world.unhealthy()).toBe(true);
    });

    test("an abort ends every call with its reason", async () => {
      world.place({ state: "launch-waiting", attached: [] });
      const aborted = AbortSignal.abort(new Error("enough"));
      await expect(world.lifecycle.observe(aborted)).rejects.toThrow("enough");
      await expect(world.lifecycle.heartbeat("web", "ready", aborted)).rejects.toThrow("enough");
      await expect(world.lifecycle.complete("web", "ready", "continue", aborted)).rejects.toThrow("enough");
      await expect(world.lifecycle.enterStandby("web", aborted)).rejects.toThrow("enough");
      await expect(world.lifecycle.exitStandby("web", aborted)).rejects.toThrow("enough");
      await expect(world.lifecycle.setUnhealthy(aborted)).rejects.toThrow("enough");
      expect(world.result()).toBeUndefined();
    });
  });
}
