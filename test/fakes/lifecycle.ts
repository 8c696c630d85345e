import { MusterError } from "../../src/domain/errors/errors.ts";
import type { GroupMembership, Lifecycle, PendingHook } from "../../src/ports/lifecycle.ts";

/** A group in memory, as far as one instance sees it. */
export type FakeLifecycle = Lifecycle & {
  /** `heartbeat web/ready`, `CONTINUE web/ready` and such, in order; looking is counted. */
  readonly calls: readonly string[];
  looks: number;
  /** Undefined outside Auto Scaling. Completing the last hook that waits puts the instance in service, or in the warm pool. */
  group: GroupMembership | undefined;
  /** Thrown by every call while it is set. */
  trouble: MusterError | undefined;
  /** So many completions find no hook that waits, although one does. */
  deaf: number;
  /** Whether the group is as small as it may be. */
  atMinimum: boolean;
  /** Called when the last launch hook is completed with CONTINUE, and when standby is left. */
  onLaunched: () => void;
};

export function createFakeLifecycle(group?: GroupMembership): FakeLifecycle {
  const calls: string[] = [];

  function check(signal: AbortSignal): void {
    signal.throwIfAborted();
    if (fake.trouble !== undefined) throw fake.trouble;
  }

  function isPending(name: string): boolean {
    return fake.group?.pending.some((hook) => hook.name === name) === true;
  }

  const fake: FakeLifecycle = {
    calls,
    looks: 0,
    group,
    trouble: undefined,
    deaf: 0,
    atMinimum: false,
    onLaunched: () => undefined,
    async target(signal) {
      check(signal);
      const state = fake.group?.state;
      if (state === undefined) return undefined;
      if (state === "standby" || state === "entering-standby") return "standby";
      if (state === "detached") return "detached";
      if (state.startsWith("warm")) return "warm";
      return state.startsWith("terminat") ? "terminated" : "in-service";
    },
    async observe(signal) {
      check(signal);
      fake.looks += 1;
      return fake.group;
    },
    async state(signal) {
      check(signal);
      return fake.group?.state;
    },
    async heartbeat(name, hook, signal) {
      check(signal);
      if (isPending(hook)) calls.push(`heartbeat ${name}/${hook}`);
    },
    async complete(name, hook, result, signal) {
      check(signal);
      if (fake.group === undefined || !isPending(hook)) return false;
      if (fake.deaf > 0) {
        fake.deaf -= 1;
        return false;
      }
      calls.push(`${result.toUpperCase()} ${name}/${hook}`);
      const pending = fake.group.pending.filter((waiting) => waiting.name !== hook);
      const { state: before } = fake.group;
      const over = before.startsWith("terminat") ? "terminated" : "in-service";
      const launched = before.startsWith("warm") ? "warm" : over;
      const state = pending.length > 0 ? fake.group.state : result === "continue" ? launched : "termination-waiting";
      fake.group = { ...fake.group, pending, state };
      if (state === "in-service") fake.onLaunched();
      return true;
    },
    async enterStandby(name, signal) {
      check(signal);
      if (fake.group === undefined) throw new Error(`there is no group ${name}`);
      if (fake.group.state === "standby") return;
      if (fake.atMinimum) throw standbyRefused(name);
      if (fake.group.state !== "in-service") throw new Error(`${fake.group.state} is not in-service`);
      calls.push(`enter-standby ${name}`);
      fake.group = { ...fake.group, state: "standby" };
    },
    async exitStandby(name, signal) {
      check(signal);
      if (fake.group === undefined) throw new Error(`there is no group ${name}`);
      if (fake.group.state !== "standby") return;
      calls.push(`exit-standby ${name}`);
      fake.group = { ...fake.group, state: "in-service" };
      fake.onLaunched();
    },
    async setUnhealthy(signal) {
      check(signal);
      calls.push("unhealthy");
    },
  };
  return fake;
}

function standbyRefused(group: string): MusterError {
  return new MusterError({
    code: "standby-refused",
    message: `group ${group} is as small as it may be`,
    hint: "Let its minimum be smaller.",
  });
}

/** A launch hook that waits. */
export function launchHook(name = "ready", heartbeatSeconds = 600): PendingHook {
  return { name, transition: "launching", heartbeatSeconds, globalSeconds: 172_800, defaultResult: "abandon" };
}

/** An instance of the group `web` whose launch waits for `hooks`. */
export function launching(attachedTargetGroups: readonly string[], hooks = [launchHook()]): GroupMembership {
  return { group: "web", state: "launch-waiting", attachedTargetGroups, pending: hooks, hasLaunchHook: true };
}
