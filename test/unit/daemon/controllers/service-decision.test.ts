import { expect, test } from "vitest";
import {
  decideService,
  type ServiceDecision,
  type ServiceInputs,
} from "../../../../src/daemon/controllers/service-decision.ts";
import { endsMachine, type Departure } from "../../../../src/domain/membership/departure.ts";
import { usualLeave } from "../../../../src/domain/membership/leaving.ts";
import { at, keys, now, outBy, inputs } from "./given.ts";

const spot: Departure = { kind: "spot", id: "s", text: "taken back", deadline: at(120) };
const scaleIn: Departure = { kind: "scale-in", id: "g", text: "scaled in" };
const standby: Departure = { kind: "standby", id: "b", text: "in standby" };
const rebalance: Departure = { kind: "rebalance", id: "r", text: "may be taken back" };
const maintenance: Departure = { kind: "maintenance", id: "m", text: "a reboot", deadline: at(3600) };
const far: Departure = { ...spot, deadline: at(3600) };
const soon: Departure = { ...maintenance, deadline: at(300) };
const sick: Departure = { kind: "unhealthy", id: "u", text: "nginx is down" };

const stay: ServiceDecision = { do: "stay" };
const leave = (departure: Departure): ServiceDecision => ({ do: "leave", departure });

test.each<[string, Partial<ServiceInputs>, ServiceDecision]>([
  ["nothing holds", {}, stay],
  ["a spot notice", { departures: [spot] }, leave(spot)],
  ["a scale-in", { departures: [scaleIn] }, leave(scaleIn)],
  ["standby", { departures: [standby] }, leave(standby)],
  ["failing checks", { departures: [sick] }, leave(sick)],
  ["failing checks in a pause", { departures: [sick], paused: true }, stay],
  ["a pause while it leaves for them", { departures: [sick], paused: true, wish: outBy("health") }, leave(sick)],
  ["a spot notice in a pause", { departures: [spot], paused: true }, leave(spot)],
  ["a recommendation, cordoned", { departures: [rebalance] }, stay],
  [
    "a recommendation, drained",
    { departures: [rebalance], policy: { ...usualLeave, rebalance: "drain" } },
    leave(rebalance),
  ],
  ["a recommendation, ignored", { departures: [rebalance], policy: { ...usualLeave, rebalance: "ignore" } }, stay],
  ["maintenance in an hour", { departures: [maintenance] }, { do: "stay", untilMs: now + 3_600_000 - 360_000 }],
  [
    "maintenance in six minutes",
    { departures: [{ ...maintenance, deadline: at(360) }] },
    leave({ ...maintenance, deadline: at(360) }),
  ],
  [
    "maintenance, ignored",
    { departures: [{ ...maintenance, deadline: at(60) }], policy: { ...usualLeave, maintenance: "ignore" } },
    stay,
  ],
  ["a spot notice is acted on at once, however far off", { departures: [far] }, leave(far)],
  ["of two of a kind the earlier goes first", { departures: [far, spot] }, leave(spot)],
  ["a group that waits goes before maintenance that is due", { departures: [soon, scaleIn] }, leave(scaleIn)],
  ["the one with the least time goes first", { departures: [sick, scaleIn, spot] }, leave(spot)],
  ["without a time, what ends the machine goes first", { departures: [sick, scaleIn] }, leave(scaleIn)],
  [
    "answered, and a person brought it back",
    { departures: [rebalance], answered: keys(rebalance), policy: { ...usualLeave, rebalance: "drain" } },
    stay,
  ],
  [
    "answered by an agent that died: seen through",
    { departures: [spot], answered: keys(spot), wish: outBy("notice") },
    leave(spot),
  ],
  ["answered by an agent that died, and a person brought it back", { departures: [spot], answered: keys(spot) }, stay],
  [
    "answered by an agent that died, and whoever brought it back does not pass yet",
    { departures: [spot], answered: keys(spot), wish: outBy("run") },
    stay,
  ],
  ["seen through", { departures: [spot], answered: keys(spot), seenThrough: keys(spot), wish: outBy("notice") }, stay],
  [
    "a person keeps it out: the machine goes all the same",
    { departures: [spot], wish: outBy("operator") },
    leave(spot),
  ],
  ["held", { departures: [scaleIn], wish: outBy("run") }, leave(scaleIn)],
  [
    "out for health, and the machine goes",
    { departures: [sick, scaleIn], answered: keys(sick), wish: outBy("health") },
    leave(scaleIn),
  ],
  [
    "the notice is over",
    { answered: keys(spot), wish: outBy("notice") },
    { do: "return", by: "notice", over: ["spot s"] },
  ],
  [
    "the checks pass again",
    { answered: keys(sick), wish: outBy("health") },
    { do: "return", by: "health", over: ["unhealthy u"] },
  ],
  [
    "the checks pass again in a pause",
    { answered: keys(sick), wish: outBy("health"), paused: true },
    { do: "return", by: "health", over: ["unhealthy u"] },
  ],
  [
    "a pause does not bring back what is sick",
    { departures: [sick], answered: keys(sick), wish: outBy("health"), paused: true },
    stay,
  ],
  [
    "the checks pass again, and a person had brought it back in spite of a notice",
    { departures: [spot], answered: keys(sick, spot), seenThrough: keys(spot), wish: outBy("health") },
    { do: "return", by: "health", over: ["unhealthy u"] },
  ],
  [
    "a notice is over, and the maintenance that the last boot was for still holds",
    {
      departures: [{ ...maintenance, deadline: at(-60) }],
      answered: keys(maintenance, spot),
      past: keys(maintenance),
      seenThrough: keys(maintenance),
      wish: outBy("notice"),
    },
    { do: "return", by: "notice", over: ["spot s"] },
  ],
  ["one of two is over", { departures: [sick], answered: keys(sick, spot), wish: outBy("notice") }, stay],
  [
    "killed before it was noted, and only the metadata's notices were looked at",
    { wish: outBy("notice"), heard: (kind) => kind !== "scale-in" && kind !== "standby" },
    stay,
  ],
  [
    "killed before failing checks were noted, and nobody has made them yet",
    { answered: keys(maintenance), wish: outBy("health"), heard: (kind) => kind !== "unhealthy" },
    stay,
  ],
  [
    "answered, a person brought it back, and nobody has made the checks yet",
    { answered: keys(sick), heard: (kind) => kind !== "unhealthy" },
    stay,
  ],
  ["nobody has looked yet", { answered: keys(spot), wish: outBy("notice"), heard: () => false }, stay],
  ["killed before it was noted", { wish: outBy("notice"), heard: () => false }, stay],
  ["killed before it was noted, and it is over", { wish: outBy("notice") }, { do: "return", by: "notice", over: [] }],
  [
    "maintenance is put off",
    { departures: [maintenance], answered: keys(maintenance), wish: outBy("notice") },
    { do: "return", by: "notice", over: ["maintenance m"] },
  ],
  [
    "over, and a person keeps it out",
    { answered: keys(spot), wish: outBy("operator") },
    { do: "forget", over: ["spot s"] },
  ],
  ["over with the boot", { answered: keys(spot), wish: outBy("notice", "before") }, { do: "forget", over: ["spot s"] }],
  ["out to be patched", { wish: outBy("patch") }, stay],
])("%s", (_what, over, expected) => {
  expect(decideService(inputs(over))).toEqual(expected);
});

test("what ends the machine is seen through whoever keeps it out", () => {
  for (const departure of [spot, scaleIn]) {
    expect(endsMachine(departure)).toBe(true);
    for (const by of ["operator", "shutdown", "health", "patch"] as const) {
      expect(decideService(inputs({ departures: [departure], wish: outBy(by) }))).toEqual(leave(departure));
    }
  }
});
