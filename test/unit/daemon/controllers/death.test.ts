// An agent that dies at any moment of leaving, or of coming back.
import { expect, test } from "vitest";
import type { PendingHook } from "../../../../src/ports/lifecycle.ts";
import { catalogue, createWorld, type World } from "../../run/world.ts";
import { begin } from "../begin.ts";

const minute = 60_000;

/** From its `last` act on whoever lives in this world does nothing any more. */
function mortal(world: World, last: number) {
  const buried = Promise.withResolvers<never>();
  buried.promise.catch(() => undefined);
  const died = Promise.withResolvers<void>();
  let acts = 0;
  let isDead = false;
  let isOver = false;
  function wrap<T extends object>(target: T, names: readonly (keyof T)[]): void {
    for (const name of names) {
      const real = target[name] as (...args: unknown[]) => Promise<unknown>;
      const put: Record<keyof T, unknown> = target;
      put[name] = async (...args: unknown[]) => {
        if (isOver) return await real.apply(target, args);
        if (isDead) return await buried.promise;
        const answer = await real.apply(target, args);
        acts += 1;
        if (acts < last) return answer;
        isDead = true;
        died.resolve();
        return await buried.promise;
      };
    }
  }
  wrap(world.files, ["write", "append", "remove"]);
  wrap(world.balancer, ["register", "drain", "remove"]);
  wrap(world.dns, ["apply"]);
  wrap(world.tags, ["write"]);
  wrap(world.lifecycle, ["complete", "observe"]);
  return {
    isDead: () => isDead,
    async bury(stop: () => Promise<void>) {
      isOver = true;
      const stopping = stop();
      buried.reject(new Error("dead"));
      await stopping;
    },
  };
}

const hook: PendingHook = {
  name: "bye",
  transition: "terminating",
  heartbeatSeconds: 60,
  globalSeconds: 3_600,
  defaultResult: "continue",
};

const group = { group: "web", attachedTargetGroups: [], hasLaunchHook: false };

async function serving() {
  const world = await createWorld();
  const role = { schedule: {}, leave: { beforeStop: [{ run: ["flush"], timeout: "10s" }] } };
  await world.repo.remote.commitFiles(catalogue(role), "the role");
  world.lifecycle.group = { ...group, state: "in-service", pending: [] };
  const first = await begin(world);
  await world.clock.advance(minute);
  return { world, first };
}

/** Each act of what follows from a change is once the last one; then another agent begins. */
async function dyingAtEach(
  prepare: (world: World) => Promise<void>,
  change: (world: World) => void,
  expectAfter: (world: World, second: Awaited<ReturnType<typeof begin>>, moment: string) => void,
): Promise<void> {
  for (let last = 1; ; last += 1) {
    const { world, first } = await serving();
    await prepare(world);
    const life = mortal(world, last);
    change(world);
    await world.clock.advance(3 * minute);
    if (!life.isDead()) return expect(last, "moments").toBeGreaterThan(10);
    await life.bury(first.stop);
    const second = await begin(world);
    await world.clock.advance(5 * minute);
    expectAfter(world, second, `after act ${last}`);
    await second.stop();
  }
}

test("scaled in: it has left, the commands ran once, and the group was told", async () => {
  await dyingAtEach(
    async () => undefined,
    (world) => {
      world.lifecycle.group = { ...group, state: "termination-waiting", pending: [hook] };
    },
    (world, { muster }, moment) => {
      expect(muster.status.current().state, moment).toBe("out-of-service");
      expect(world.balancer.members(), moment).toEqual([]);
      expect(world.dns.records(), moment).toEqual([]);
      expect(world.units.started.length, moment).toBe(1);
      const told = world.lifecycle.calls.filter((call) => call.startsWith("CONTINUE"));
      expect(told, moment).toEqual(["CONTINUE web/bye"]);
    },
  );
});

test("a notice that is taken back: it serves again", async () => {
  await dyingAtEach(
    async (world) => {
      world.lifecycle.group = undefined;
      const at = new Date(world.clock.now().getTime() + 60 * minute).toISOString();
      world.notices.notices = [{ kind: "spot", action: "terminate", at }];
      await world.clock.advance(2 * minute);
      expect(world.balancer.members()).toEqual([]);
    },
    (world) => {
      world.notices.notices = [];
    },
    (world, { muster }, moment) => {
      expect(muster.status.current().state, moment).toBe("in-service");
      expect(world.balancer.members(), moment).toEqual(["web-dev/i-1-80"]);
      expect(world.dns.records().length, moment).toBe(1);
    },
  );
});
