import { expect, test } from "vitest";
import { staysIn, untilStatus } from "../../../src/daemon/until-status.ts";
import type { InstanceState } from "../../../src/domain/instance/state.ts";
import { createEventBus } from "../../../src/run/state/event-bus.ts";
import { createStatusKeeper } from "../../../src/run/state/status-keeper.ts";
import { stateChange } from "../../fakes/state-change.ts";
import { createFakeStateFiles } from "../../fakes/state-files.ts";
import { createVirtualClock } from "../../fakes/virtual-clock.ts";

async function watched() {
  const clock = createVirtualClock();
  clock.freeze();
  const bus = createEventBus(clock);
  let listeners = 0;
  const counting: typeof bus = {
    emit: (body, run) => bus.emit(body, run),
    listen(listener) {
      listeners += 1;
      const stop = bus.listen(listener);
      return () => {
        listeners -= 1;
        stop();
      };
    },
  };
  const status = await createStatusKeeper(createFakeStateFiles(), bus, "boot-1", clock);
  const turn = (state: InstanceState) => bus.emit(stateChange(status.current().state, state));
  return { clock, turn, deps: { clock, status, bus: counting }, left: () => listeners + clock.sleepers() };
}

const { signal: never } = new AbortController();

test("whoever waits for a state hears of it at once, and sleeps until then", async () => {
  const { deps, turn, left, clock } = await watched();
  const held = untilStatus(deps, ({ state }) => state === "held", never);
  expect(clock.sleepers()).toBe(0);
  turn("starting");
  turn("held");
  await held;
  await untilStatus(deps, ({ state }) => state === "held", never);
  expect(left()).toBe(0);
});

test("a state that lasts is told from one that was left, if only for a moment", async () => {
  const { deps, turn, left, clock } = await watched();
  turn("held");
  const short = staysIn(deps, "held", 60_000, never);
  await clock.advance(59_000);
  turn("starting");
  turn("held");
  expect(await short).toBe(false);
  const long = staysIn(deps, "held", 60_000, never);
  await clock.advance(60_000);
  expect(await long).toBe(true);
  expect(left()).toBe(0);
});

test("an abort ends the wait with its own reason and leaves nothing behind", async () => {
  const { deps, turn, left } = await watched();
  turn("held");
  const abort = new AbortController();
  const waits = [
    untilStatus(deps, ({ state }) => state === "in-service", abort.signal),
    staysIn(deps, "held", 60_000, abort.signal),
  ];
  abort.abort(new Error("the end"));
  for (const wait of waits) await expect(wait).rejects.toThrow("the end");
  expect(left()).toBe(0);
});
