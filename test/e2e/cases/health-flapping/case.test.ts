import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";

import type { Instance } from "../../../lab/instance.ts";
import { waitFor } from "../../../lab/wait.ts";
import { expectNoFailures, startLoad } from "../../harness/load.ts";
import { muster, status, waitForState } from "../../harness/muster.ts";
import { servers } from "../../harness/outside.ts";
import { createWorld, type World } from "../../harness/world.ts";

const fallUnhealthy = (instance: Instance) => instance.exec("touch /run/sick");
const getWell = (instance: Instance) => instance.exec("rm -f /run/sick");

/** Fails while `/run/sick` is there, and in as many rounds as `/run/sick-rounds` says; notes the rounds that pass. */
const check = `test ! -e /run/sick || exit 1
read left < /run/sick-rounds && test "$left" -gt 0 && echo $((left - 1)) > /run/sick-rounds && exit 1
echo well >> /run/well-rounds
`;

async function bootTwo(world: World): Promise<readonly [Instance, Instance]> {
  const files = { "/etc/check-well": check };
  const [one, two] = await Promise.all([world.boot({ id: "i-one", files }), world.boot({ id: "i-two", files })]);
  await Promise.all([waitForState(one, "in-service"), waitForState(two, "in-service")]);
  return [one, two];
}

/** So many rounds must pass before an instance comes back for the first time: the default. */
const rise = 3;

/** In how many rounds the check passed since the file was removed. */
async function wellRounds(instance: Instance): Promise<number> {
  const { stdout } = await instance.exec("cat /run/well-rounds", { check: false });
  return stdout.split("\n").length - 1;
}

/** How often the instance went out of service, as its log tells. */
async function timesOut(instance: Instance): Promise<number> {
  const { stdout } = await instance.exec("journalctl -u muster -o cat --no-pager");
  return stdout.split("\n").filter((line) => line.startsWith("out-of-service: ")).length;
}

test("checks that fail take an instance out, those that come and go seldom do, and no user notices", async () => {
  await using world = await createWorld(import.meta.dirname);
  const [one] = await bootTwo(world);
  const load = startLoad(world);

  await fallUnhealthy(one);
  const out = await waitForState(one, "out-of-service");
  expect(out.reason).toBe("not healthy: smoke check well");
  expect(await servers(world)).toHaveLength(1);
  expect((await muster(one, "explain")).stdout).toMatch(/smoke check well fails/);
  await getWell(one);
  const back = await waitForState(one, "in-service");
  expect(back.run?.cause).toBe("return");
  expect(await servers(world)).toHaveLength(2);

  // Shorter than three rounds: nothing happens.
  for (let flap = 0; flap < 4; flap += 1) {
    await one.exec("echo 2 > /run/sick-rounds");
    const left = async () => (await one.exec("cat /run/sick-rounds")).stdout.trim();
    await one.waitFor(async () => (await left()) === "0", { what: "two rounds failed", timeout: 60_000 });
    await one.exec("rm -f /run/well-rounds");
    await one.waitFor(async () => (await wellRounds(one)) > 0, { what: "it is well again", timeout: 60_000 });
  }
  expect((await status(one)).state).toBe("in-service");
  expect(await timesOut(one)).toBe(1);

  // Longer: it is out, and has to be well for twice as many rounds each time.
  for (const falls of [2, 3]) {
    await fallUnhealthy(one);
    await waitForState(one, "out-of-service");
    // systemd's journal may have the line a moment later.
    await one.waitFor(async () => (await timesOut(one)) === falls, { what: `it was out ${falls} times` });
    await one.exec("rm -f /run/well-rounds");
    await getWell(one);
    await waitForState(one, "in-service", { timeout: 120_000 });
  }
  expect(await wellRounds(one)).toBeGreaterThanOrEqual(4 * rise);
  await expectNoFailures(load);
});

test("of two that fall sick together one leaves and the other stays and says so; then they take turns", async () => {
  await using world = await createWorld(import.meta.dirname);
  const both = await bootTwo(world);
  const load = startLoad(world);
  await Promise.all(both.map(fallUnhealthy));

  const [first, second] = await waitFor(
    async () => {
      const states = await Promise.all(both.map(async (one) => (await status(one)).state));
      const gone = states.indexOf("out-of-service");
      return gone < 0 ? undefined : gone === 0 ? both : ([both[1], both[0]] as const);
    },
    { what: "one of them has left", timeout: 60_000, every: 300 },
  );
  const staying = await second.waitFor(
    async () => {
      const report = await status(second);
      return report.reason.startsWith("not healthy, and stays in service: ") ? report : undefined;
    },
    { what: "the other says why it stays", timeout: 60_000, every: 300 },
  );
  expect(staying.state).toBe("in-service");
  expect(staying.notices.map(({ code }) => code)).toContain("unhealthy-in-service");
  await sleep(10_000);
  expect((await status(second)).state).toBe("in-service");
  expect(await servers(world)).toHaveLength(1);

  await getWell(first);
  await waitForState(first, "in-service");
  await waitForState(second, "out-of-service", { timeout: 120_000 });
  await getWell(second);
  await waitForState(second, "in-service");
  await expectNoFailures(load);
});
