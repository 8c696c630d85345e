// A fleet in virtual time: many boots at once, or a day of idling.
import { createAccount, type Account, type Requests } from "./account.ts";
import type { FleetShape } from "./shape.ts";
import { createInstance, loadClients, type SimulatedInstance } from "./instance.ts";
import { createVirtualTime } from "./virtual-time.ts";

export interface Boots {
  readonly shape: FleetShape;
  /** Until every instance serves, under its name where it has one, in seconds. */
  readonly seconds: number;
  /** Until every instance is healthy at its balancer and its run has ended, in seconds. */
  readonly servingSeconds: number;
  /** The least that the buckets allow for the requests that such a fleet cannot do without, in seconds. */
  readonly leastSeconds: number;
  readonly requests: ReadonlyMap<string, Requests>;
  readonly takenOut: number;
  /** Instances that were held at least once. */
  readonly held: number;
}

/** EC2 starts no more at once: RunInstances refills two a second after a thousand. */
export async function bootAtOnce(shape: FleetShape, seed = 1): Promise<Boots> {
  await loadClients();
  const time = createVirtualTime(seed);
  const account = createAccount(time.clock, shape);
  const fleet = fleetOf(shape, account, time.clock);
  let servingMs = 0;

  /** A name that was put off while Route 53 was busy is published by the daemon, and the instance serves meanwhile. */
  async function untilNamed(instance: SimulatedInstance, signal: AbortSignal): Promise<void> {
    if (!shape.named || account.isNamed(instance.id)) return;
    const named = new AbortController();
    const idling = instance.idle(named.signal);
    while (!account.isNamed(instance.id)) await time.clock.sleep(1_000, signal);
    named.abort(new Error("the name is published"));
    await idling.catch((error: unknown) => {
      if (error !== named.signal.reason) throw error;
    });
  }

  const held = await time.during(async () => {
    const failures = await Promise.all(
      fleet.map(async (instance) => {
        // Each has its own: a signal takes the longer for a listener the more it has.
        const { signal } = new AbortController();
        // Machines of one image are ready within seconds of each other.
        await time.clock.sleep(time.clock.random() * 5_000, signal);
        const failures = await instance.boot(signal);
        servingMs = Math.max(servingMs, time.clock.monotonicMs());
        await untilNamed(instance, signal);
        return failures;
      }),
    );
    return failures.filter((count) => count > 0).length;
  });
  const { requests, takenOut } = account;
  const lost = fleet.filter(({ id }) => !account.isHealthy(id) || (shape.named && !account.isNamed(id)));
  if (lost.length > 0) throw new Error(`${lost.length} instances say that they serve, and do not`);
  const seconds = time.clock.monotonicMs() / 1_000;
  return {
    shape,
    seconds,
    servingSeconds: servingMs / 1_000,
    leastSeconds: leastSeconds(shape),
    requests,
    takenOut: takenOut.size,
    held,
  };
}

export interface Idle {
  readonly requests: ReadonlyMap<string, Requests>;
  readonly takenOut: number;
  /** Requests to its metadata service that one instance makes in a day for tags and notices, on average. */
  readonly metadata: number;
}

/** Within this time all boot; they are counted once as much time again has passed, when their first looks are over. */
const grownMs = 6 * 3_600_000;

/** So many instances also watch the cloud's notices, every few seconds: that asks the metadata, and no bucket. */
const watchers = 10;

/** A fleet in service that has nothing to do. The buckets count from the first boot on. */
export async function idleFor(shape: FleetShape, hours: number, seed = 1): Promise<Idle> {
  await loadClients();
  const time = createVirtualTime(seed);
  const account = createAccount(time.clock, shape);
  const fleet = fleetOf(shape, account, time.clock);
  // Each has its own: a signal takes the longer for a listener the more it has.
  const ends = fleet.map(() => new AbortController());
  const over = new Error("the day is over");
  let before = 0;
  const asked = () => fleet.slice(0, watchers).reduce((sum, instance) => sum + instance.metadata(), 0);
  await time.during(async (): Promise<void> => {
    const forGood = new AbortController();
    const idling = fleet.map(async (instance, at) => {
      const { signal } = ends[at] ?? forGood;
      await time.clock.sleep(time.clock.random() * grownMs, signal);
      await instance.boot(signal);
      const watching = at < watchers ? [instance.watch(signal)] : [];
      await Promise.all([instance.idle(signal), ...watching]);
    });
    await time.clock.sleep(2 * grownMs, forGood.signal);
    account.forget();
    before = asked();
    await time.clock.sleep(hours * 3_600_000, forGood.signal);
    for (const end of ends) end.abort(over);
    const settled = await Promise.allSettled(idling);
    const broken = settled.find((one) => one.status === "rejected" && one.reason !== over);
    if (broken?.status === "rejected") throw broken.reason;
  });
  const lost = fleet.filter(({ id }) => !account.isHealthy(id) || (shape.named && !account.isNamed(id)));
  if (lost.length > 0) throw new Error(`${lost.length} instances do not serve`);
  const metadata = ((asked() - before) / Math.min(watchers, shape.size)) * (24 / hours);
  return { requests: account.requests, takenOut: account.takenOut.size, metadata };
}

/** The share of a bucket that these requests take, from 0 to 1; undefined where no limit is published. */
export function shareOf({ bucket, answered, throttled, refused }: Requests, hours: number): number | undefined {
  if (bucket === undefined) return undefined;
  return (answered + throttled + refused) / (bucket.perSecond * hours * 3_600);
}

function fleetOf(
  shape: FleetShape,
  account: Account,
  clock: Parameters<typeof createInstance>[3],
): readonly SimulatedInstance[] {
  return Array.from({ length: shape.size }, (_, at) => createInstance(at, shape, account, clock));
}

/** The slowest bucket decides. Requests: docs/performance.md, "A fleet". */
function leastSeconds({ size, attached, named }: FleetShape): number {
  const needs = [
    // The group, the look before registering (not of a group that registers by itself) and the look that sees healthy.
    { requests: attached ? 2 : 3, burst: 40, perSecond: 10 },
    { requests: attached ? 0 : 1, burst: 20, perSecond: 4 },
    // The zone, the name, the change.
    { requests: named ? 3 : 0, burst: 5, perSecond: 5 },
    // The state tags.
    { requests: 1, burst: 100, perSecond: 10 },
  ];
  return Math.max(...needs.map(({ requests, burst, perSecond }) => (size * requests - burst) / perSecond), 0);
}
