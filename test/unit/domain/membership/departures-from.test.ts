import { expect, test } from "vitest";
import { departuresFrom } from "../../../../src/domain/membership/cloud-departures.ts";

test.each([
  ["terminated", "scale-in scale-in"],
  ["standby", "standby standby"],
  ["detached", "standby detached"],
  ["in-service", undefined],
  ["warm", undefined],
  ["other", undefined],
  [undefined, undefined],
])("the target state %s is the departure %s", (target, departure) => {
  expect(departuresFrom(target).map(({ kind, id }) => `${kind} ${id}`)[0]).toBe(departure);
});
