import { expect } from "vitest";
import { detached } from "../../../src/ports/unit-runner.ts";
import { stopPoint, type Process, type World } from "./world.ts";

/** A process that dies while the engine runs: everything but the machine forgets. */
export async function dieInConverge(world: World, begin: (muster: Process, signal: AbortSignal) => Promise<unknown>) {
  const point = stopPoint();
  const during = world.engine.during;
  world.engine.during = point.here;
  const muster = await world.start();
  const death = new AbortController();
  const running = begin(muster, death.signal).catch((error: unknown) => error);
  await point.reached;
  death.abort(detached);
  expect(await running).toBe(detached);
  world.engine.during = during;
  return muster;
}

/** What a daemon does when it starts. */
export function boot(muster: Process, signal: AbortSignal): Promise<unknown> {
  return muster.executor.start(signal);
}
