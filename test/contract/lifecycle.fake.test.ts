import type { PendingHook } from "../../src/ports/lifecycle.ts";
import { createFakeLifecycle } from "../fakes/lifecycle.ts";
import { lifecycleSuite } from "./lifecycle.suite.ts";

const times = { heartbeatSeconds: 600, globalSeconds: 60_000, defaultResult: "abandon" } as const;
const ready: PendingHook = { name: "ready", transition: "launching", ...times };
const bye: PendingHook = { name: "bye", transition: "terminating", ...times };

lifecycleSuite("fake", () => {
  const lifecycle = createFakeLifecycle();
  return {
    lifecycle,
    place(where) {
      lifecycle.group = undefined;
      lifecycle.atMinimum = false;
      if (where === undefined) return;
      const { state, attached } = where;
      const pending = state.endsWith("launch-waiting") ? [ready] : state === "termination-waiting" ? [bye] : [];
      lifecycle.group = { group: "web", state, attachedTargetGroups: attached, pending, hasLaunchHook: true };
    },
    calls: () => lifecycle.calls.length,
    atMinimum: (is) => void (lifecycle.atMinimum = is),
    unhealthy: () => lifecycle.calls.includes("unhealthy"),
    result() {
      const [result] =
        lifecycle.calls.find((call) => call.endsWith(" web/ready") && !call.startsWith("heart"))?.split(" ") ?? [];
      return result === "CONTINUE" || result === "ABANDON" ? result : undefined;
    },
  };
});
