// A fleet in virtual time: many boots at once, or a day of idling.
import { createAccount, type Account, type FleetShape, type Requests } from "./account.ts";
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
  const { signal } = new AbortController();
  let servingMs = 0;

  /** A name that was put off while Route 53 was busy is published by the daemon, and the instance serves meanwhile. */
  async function untilNamed(instance: SimulatedInstance): Promise<void> {
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
        // Machines of one image are ready within seconds of each other.
        await time.clock.sleep(time.clock.random() * 5_000, signal);
        const failures = await instance.boot(signal);
        servingMs = Math.max(servingMs, time.clock.monotonicMs());
        await untilNamed(instance);
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
  readonly size: number;
  readonly hours: number;
  readonly requests: ReadonlyMap<string, Requests>;
  readonly takenOut: number;
}

/** A fleet in service that has nothing to do. */
export async function idleFor(shape: FleetShape, hours: number, seed = 1): Promise<Idle> {
  await loadClients();
  const time = createVirtualTime(seed);
  const account = createAccount(time.clock, shape);
  const fleet = fleetOf(shape, account, time.clock);
  const end = new AbortController();
  await time.during(async (): Promise<void> => {
    account.limits(false);
    await Promise.all(fleet.map((instance) => instance.boot(end.signal)));
    account.limits(true);
    const idling = fleet.map((instance) => instance.idle(end.signal));
    // The first looks, which every instance makes after its own boot, fall together here: a day begins after them.
    await time.clock.sleep(3_600_000, end.signal);
    account.forget();
    await time.clock.sleep(hours * 3_600_000, end.signal);
    end.abort(new Error("the day is over"));
    const ends = await Promise.allSettled(idling);
    const broken = ends.find((one) => one.status === "rejected" && one.reason !== end.signal.reason);
    if (broken?.status === "rejected") throw broken.reason;
  });
  return { size: shape.size, hours, requests: account.requests, takenOut: account.takenOut.size };
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
