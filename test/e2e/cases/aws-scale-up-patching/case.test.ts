import { expect, test } from "vitest";

import { publishedInRoute53 } from "../../harness/aws-outside.ts";
import { type AwsWorld, createAwsWorld } from "../../harness/aws-world.ts";
import { waitForState } from "../../harness/muster.ts";
import { backend } from "../../harness/outside.ts";

const group = "web-group";
const size = 3;

test("a group is doubled with a new commit, halved by terminating the old, and rolled back the same way", async () => {
  await using world = await createAwsWorld(import.meta.dirname);
  const { aws, targetGroup } = world;
  const hooks = [
    { name: "gates", heartbeatSeconds: 30 },
    // An instance that says nothing would hold its termination up for longer than this test waits.
    { name: "goodbye", transition: "terminating", heartbeatSeconds: 600, defaultResult: "CONTINUE" },
  ] as const;
  aws.autoScaling.createGroup({ name: group, hooks, targetGroups: [targetGroup] });

  const first = await scaleUp(world);
  expect(await versions(world)).toEqual(["version 1"]);
  const watch = aws.balancer.watch("/", { host: backend, everyMs: 20 });

  await world.repo.commitFiles({ "manifests/site.pp": page("version 2") }, "the new version");
  const second = await scaleUp(world);
  expect(await versions(world)).toEqual(["version 1", "version 2"]);
  await scaleIn(world, first);
  expect(await versions(world)).toEqual(["version 2"]);
  expect(publishedInRoute53(world).toSorted()).toEqual(names(second));

  await world.repo.commitFiles({ "manifests/site.pp": page("version 1") }, "back to the version before");
  const third = await scaleUp(world);
  await scaleIn(world, second);
  expect(await versions(world)).toEqual(["version 1"]);
  expect(publishedInRoute53(world).toSorted()).toEqual(names(third));

  await watch.stop();
  expect(watch.failures, "requests that failed").toEqual([]);
  expect(watch.ok).toBeGreaterThan(200);
  expect(aws.autoScaling.troubles).toEqual([]);
});

type Fleet = Awaited<ReturnType<typeof scaleUp>>;

/** Three more instances, in service. */
async function scaleUp(world: AwsWorld) {
  const launched = [];
  for (let index = 0; index < size; index += 1) launched.push(await world.launch({ group }));
  const fleet = await Promise.all(launched.map(async (ec2) => ({ ec2, machine: await world.boot(ec2) })));
  await Promise.all(fleet.map(({ machine }) => waitForState(machine, "in-service", { timeout: 120_000 })));
  return fleet;
}

/** The group terminates these: each leaves by itself, and is switched off once its hook is completed. */
async function scaleIn({ aws }: AwsWorld, fleet: Fleet): Promise<void> {
  await Promise.all(
    fleet.map(async ({ ec2, machine }) => {
      aws.autoScaling.scaleIn(ec2);
      await machine.waitFor(async () => aws.autoScaling.history(ec2).at(-1) === "Terminated", {
        what: `${ec2.id} has completed its termination hook`,
        timeout: 90_000,
        every: 200,
      });
      await machine.powerOff();
    }),
  );
}

async function versions({ aws }: AwsWorld): Promise<readonly string[]> {
  const seen = new Set<string>();
  for (let round = 0; round < 4 * size; round += 1) {
    const { status, body } = await aws.balancer.get("/", { host: backend });
    expect(status, body).toBe(200);
    seen.add(body.trim());
  }
  return [...seen].toSorted();
}

function page(text: string): string {
  return `file { '/srv/page.html':\n  content => "${text}\\n",\n}\n`;
}

function names(fleet: Fleet): readonly string[] {
  return fleet.map(({ ec2 }) => `A web.example.internal. ${ec2.address}`).toSorted();
}
