import type { GroupMembership } from "../../../../src/ports/lifecycle.ts";
import type { Owner } from "../../../../src/domain/membership/membership.ts";
import type { Slot } from "../../../../src/domain/membership/slot.ts";
import type { Upgrade } from "../../../../src/ports/package-manager.ts";
import { catalogue, createWorld, story, type World } from "../../run/world.ts";
import type { begin } from "../begin.ts";

export const minute = 60_000;
export const slot: Slot = { zone: "example.internal", name: "web-dev.example.internal", count: 1 };
export const other: Owner = { account: "local", region: "local", instance: "i-2" };
export const group: GroupMembership = {
  group: "web",
  state: "in-service",
  attachedTargetGroups: [],
  pending: [],
  hasLaunchHook: false,
};
export const openssl: Upgrade = { name: "openssl", from: "1", to: "2", security: true };

export const rules = {
  slot: { zone: "example.internal", name: "web-{environment}", expires: "1h" },
  schedule: { patch: { at: "0 1,4 * * *", window: "2h" } },
};

/** A world whose role patches in windows, and shares one slot. */
export async function serving(over: Record<string, unknown> = {}): Promise<World> {
  const world = await createWorld();
  await world.repo.remote.commitFiles(catalogue({ ...rules, ...over }), "windows");
  return world;
}

export function offer(world: World, ...upgrades: readonly Upgrade[]): void {
  world.packages.state = { ...world.packages.state, upgrades };
}

type Begun = Awaited<ReturnType<typeof begin>>;

/** Lets time pass until the next window opens. */
export async function openWindow({ clock, scheduler, muster }: Begun): Promise<void> {
  const at = muster.duty.current()?.role.schedule.patch?.at;
  const opens = at === undefined ? undefined : scheduler.next(at, clock.now());
  if (opens === undefined) throw new Error("the role has no window that opens");
  await clock.advance(opens.getTime() - clock.now().getTime());
}

/** States, ends and notices, in order. */
export const seen = ({ muster }: Begun) => story(muster.events).filter((line) => /^(state|end|notice)/.test(line));

/** Puts another method in the place of one. Returns how to undo that. */
export function replace<T, K extends keyof T>(target: T, name: K, by: (real: T[K]) => T[K]): () => void {
  const real = target[name];
  target[name] = by(real);
  return () => {
    target[name] = real;
  };
}
