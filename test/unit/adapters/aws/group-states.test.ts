import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { LifecycleState } from "@aws-sdk/client-auto-scaling";
import { expect, test } from "vitest";
import { groupStateOf, groupTargetOf, isKnownState, transitionOf } from "../../../../src/adapters/aws/group-states.ts";

// Every value of `LifecycleState` in the Auto Scaling API Reference, and the warm pool's of the User Guide.
test.each([
  ["Pending", "launching"],
  ["Pending:Wait", "launch-waiting"],
  ["Pending:Proceed", "launch-completed"],
  ["InService", "in-service"],
  ["EnteringStandby", "entering-standby"],
  ["Standby", "standby"],
  ["Warmed:Pending", "warm-launching"],
  ["Warmed:Pending:Wait", "warm-launch-waiting"],
  ["Warmed:Pending:Proceed", "warm"],
  ["Warmed:Pending:Retained", "warm"],
  ["Warmed:Stopped", "warm"],
  ["Warmed:Running", "warm"],
  ["Warmed:Hibernated", "warm"],
  ["Terminating", "terminating"],
  ["Terminating:Wait", "termination-waiting"],
  ["Terminating:Proceed", "terminated"],
  ["Terminating:Retained", "terminated"],
  ["Terminated", "terminated"],
  ["Warmed:Terminating", "terminating"],
  ["Warmed:Terminating:Wait", "termination-waiting"],
  ["Warmed:Terminating:Proceed", "terminated"],
  ["Warmed:Terminating:Retained", "terminated"],
  ["Warmed:Terminated", "terminated"],
  ["Detaching", "detached"],
  ["Detached", "detached"],
  ["Quarantined", "other"],
  ["ReplacingRootVolume", "other"],
  ["RootVolumeReplaced", "other"],
  ["", "other"],
  ["constructor", "other"],
])("the lifecycle state %s is %s", (word, state) => {
  expect(groupStateOf(word)).toBe(state);
});

test.each([
  ["InService", "in-service"],
  ["Standby", "standby"],
  ["Terminated", "terminated"],
  ["Detached", "detached"],
  ["Warmed:Stopped", "warm"],
  ["Warmed:Running", "warm"],
  ["Warmed:Hibernated", "warm"],
  ["Warmed:Terminated", "terminated"],
  ["Pending:Wait", "other"],
  ["something new", "other"],
])("the target %s is %s", (word, target) => {
  expect(groupTargetOf(word)).toBe(target);
});

test("hooks wait in the three states that say so", () => {
  expect(transitionOf("launch-waiting")).toBe("launching");
  expect(transitionOf("warm-launch-waiting")).toBe("launching");
  expect(transitionOf("termination-waiting")).toBe("terminating");
  expect(transitionOf("launching")).toBeUndefined();
  expect(transitionOf("terminating")).toBeUndefined();
});

test("no other part of the product speaks Auto Scaling's words for states", () => {
  const repository = resolve(import.meta.dirname, "../../../..");
  const words = /["`/(](EnteringStandby|Pending:Wait|Warmed:|Terminating:|InService["`])/;
  const found = globSync("src/**/*.ts", { cwd: repository }).filter(
    (file) =>
      !file.startsWith("src/adapters/aws/") &&
      !file.startsWith("src/error-pages/") &&
      words.test(readFileSync(resolve(repository, file), "utf8")),
  );
  expect(found).toEqual([]);
});

test("every state of the SDK is known, and no other", () => {
  expect(Object.values(LifecycleState).filter((word) => !isKnownState(word))).toEqual([]);
  expect(["", "Hovering", "constructor"].filter(isKnownState)).toEqual([]);
});
