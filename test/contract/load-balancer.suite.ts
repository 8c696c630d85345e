import { describe, expect, test } from "vitest";
import type { Target, TargetState } from "../../src/domain/membership/membership.ts";
import type { LoadBalancer } from "../../src/ports/load-balancer.ts";
import { waitFor } from "../lab/wait.ts";

/** A balancer and what a test may do to the world around it. */
export type BalancerWorld = {
  readonly balancer: LoadBalancer;
  /** A place whose service answers, in a group that exists. */
  readonly target: (member: string) => Target;
  /** From then on the service of the place does, or does not, pass the balancer's check. */
  readonly setHealthy: (target: Target, healthy: boolean) => Promise<void>;
  /** What the balancer says of a place that fails its check. */
  readonly sickReason: (target: Target) => string;
  /** Whether it counts the open connections of a place that drains. */
  readonly countsConnections: boolean;
  /** What a place is while its member is registered at another address; absent where addresses are not known. */
  readonly moved: "wrong" | "absent" | undefined;
  /** Opens a request through the balancer to the place that stays open; resolves when it is under way. */
  readonly openRequest: (target: Target) => Promise<void>;
};

/** The contract of src/ports/load-balancer.ts. */
export function loadBalancerSuite(name: string, world: () => BalancerWorld): void {
  const signal = new AbortController().signal;

  async function settled(target: Target, kind: TargetState["kind"]): Promise<TargetState> {
    let state: TargetState | undefined;
    await waitFor(
      async () => {
        state = await world().balancer.observe(target, signal);
        return state.kind === kind;
      },
      { what: `${target.member} is ${kind}, last seen ${JSON.stringify(state)}`, timeout: 20_000 },
    );
    return state as unknown as TargetState;
  }

  describe(`load balancer: ${name}`, () => {
    test("a place that nobody registered is absent, and a look at its group registers nothing", async () => {
      const { balancer, target } = world();
      await balancer.check(target("nobody-80"), signal);
      expect(await balancer.observe(target("nobody-80"), signal)).toEqual({ kind: "absent" });
    });

    test("registers until the balancer says healthy, and again without harm", async () => {
      const { balancer, target } = world();
      const place = target("twice-80");
      await balancer.register(place, signal);
      await settled(place, "healthy");
      await balancer.register(place, signal);
      await settled(place, "healthy");
      await balancer.remove(place, signal);
    });

    test("what fails the balancer's check is never healthy, and the reason says why", async () => {
      const { balancer, target, setHealthy, sickReason } = world();
      const place = target("sick-80");
      await setHealthy(place, false);
      await balancer.register(place, signal);
      for (let look = 0; look < 5; look += 1) {
        expect((await balancer.observe(place, signal)).kind).not.toBe("healthy");
      }
      const state = await settled(place, "unhealthy");
      expect(state).toMatchObject({ reason: expect.stringContaining(sickReason(place)) as string });
      await setHealthy(place, true);
      await settled(place, "healthy");
      await balancer.remove(place, signal);
    });

    test("drains, keeps the open connections, and is healthy again when it is registered again", async () => {
      const { balancer, target, openRequest, countsConnections } = world();
      const place = target("drained-80");
      await balancer.register(place, signal);
      await settled(place, "healthy");
      await openRequest(place);
      await balancer.drain(place, signal);
      await balancer.drain(place, signal);
      expect(await balancer.observe(place, signal)).toEqual({
        kind: "draining",
        ...(countsConnections ? { connections: 1 } : {}),
      });
      await balancer.register(place, signal);
      await settled(place, "healthy");
      await balancer.remove(place, signal);
    });

    test("drains also what fails its check", async () => {
      const { balancer, target, setHealthy } = world();
      const place = target("sick-drained-80");
      await setHealthy(place, false);
      await balancer.register(place, signal);
      await settled(place, "unhealthy");
      await balancer.drain(place, signal);
      expect((await balancer.observe(place, signal)).kind).toBe("draining");
      await balancer.remove(place, signal);
      await setHealthy(place, true);
    });

    test("removes with connections open, and again without harm", async () => {
      const { balancer, target, openRequest } = world();
      const place = target("removed-80");
      await balancer.register(place, signal);
      await settled(place, "healthy");
      await openRequest(place);
      await balancer.remove(place, signal);
      expect(await balancer.observe(place, signal)).toEqual({ kind: "absent" });
      await balancer.remove(place, signal);
      await balancer.drain(place, signal);
      expect(await balancer.observe(place, signal)).toEqual({ kind: "absent" });
    });

    test("another address under the same name is not this place, and registering corrects it", async ({ skip }) => {
      const { balancer, target, moved } = world();
      if (moved === undefined) skip();
      const place = target("moved-80");
      await balancer.register({ ...place, address: "127.0.0.9" }, signal);
      expect((await balancer.observe(place, signal)).kind).toBe(moved);
      await balancer.register(place, signal);
      await settled(place, "healthy");
      await balancer.remove(place, signal);
    });

    test("tells how the group fares without this place, whether it is in it or not", async () => {
      const { balancer, target, setHealthy } = world();
      const [here, there] = [target("here-80"), target("there-80")];
      const before = await balancer.groupHealth(here, signal);
      await balancer.register(there, signal);
      await settled(there, "healthy");
      const after = { total: before.total + 1, healthyOthers: before.healthyOthers + 1 };
      expect(await balancer.groupHealth(here, signal)).toEqual(after);
      await balancer.register(here, signal);
      await settled(here, "healthy");
      expect(await balancer.groupHealth(here, signal)).toEqual(after);
      await setHealthy(there, false);
      await settled(there, "unhealthy");
      expect(await balancer.groupHealth(here, signal)).toEqual({ ...after, healthyOthers: before.healthyOthers });
      await setHealthy(there, true);
      await settled(there, "healthy");
      await balancer.drain(there, signal);
      expect(await balancer.groupHealth(here, signal)).toEqual({ ...after, healthyOthers: before.healthyOthers });
      await balancer.remove(there, signal);
      await balancer.remove(here, signal);
    });

    test("a group that does not exist may come: the error is transient", async () => {
      const { balancer, target } = world();
      const place = { ...target("lost-80"), group: "no-such-group" };
      const missing = { code: "balancer-group-missing", transient: true };
      await expect(balancer.observe(place, signal)).rejects.toMatchObject(missing);
      await expect(balancer.register(place, signal)).rejects.toMatchObject(missing);
      await expect(balancer.check(place, signal)).rejects.toMatchObject(missing);
    });

    test("an abort ends every call with its reason", async () => {
      const { balancer, target } = world();
      const aborted = AbortSignal.abort(new Error("enough"));
      await expect(balancer.observe(target("x-80"), aborted)).rejects.toThrow("enough");
      await expect(balancer.register(target("x-80"), aborted)).rejects.toThrow("enough");
    });
  });
}
