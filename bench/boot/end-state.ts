// Whether a boot did the work: a time of something else is no time.
import { zone } from "../../test/lab/services/services.ts";
import type { Contestant } from "./contestants.ts";
import type { Metered } from "./meter.ts";
import type { Machine, World } from "./world.ts";

/** @throws unless the instance is what all four have to make of it */
export async function checkEndState(world: World, contestant: Contestant, machine: Machine): Promise<void> {
  const { instance, ec2 } = machine;
  const { stdout } = await instance.exec("dpkg-query --show --showformat '${Package} ${Version}\\n' 'muster-lab-*'");
  expect(contestant, "the security updates are in", stdout.includes("muster-lab-app 1.1\n"));
  expect(contestant, "other updates are not", stdout.includes("muster-lab-tool 1.0\n"));
  const body = await pageOf(world, contestant, machine);
  expect(contestant, `the page is this instance's: ${body}`, body.includes(ec2.id) && body.includes(world.commit));
  if (!contestant.joins) return;

  const published = world.aws.route53.records(zone).map(({ type, name, values }) => [type, name, ...values].join(" "));
  const record = `A web-${ec2.id}.${zone}. ${ec2.address}`;
  expect(contestant, `${record} is among ${published.join(", ")}`, published.includes(record));
  const tags = await world.aws.backstage.tagsOf(ec2.id);
  expect(contestant, "it is tagged", tags["muster:state"] === "in-service" && tags["muster:commit"] === world.commit);
}

/** @throws unless the floor ran what muster ran, and each command ended as it did there */
export function checkSameCommands(recorded: readonly Metered[], replayed: readonly Metered[]): void {
  const [before, after] = [recorded, replayed].map((commands) =>
    commands.map(({ name, code }) => `${name}: ${code}`).toSorted(),
  );
  if (before?.join() !== after?.join()) throw new Error(`the floor is not what muster ran: ${after?.join(", ")}`);
}

/** So that the next boot's page is nobody else's. */
export async function leave(world: World, { instance, ec2 }: Machine): Promise<void> {
  await instance.close();
  await world.aws.targets.drain(world.targetGroup, [{ id: ec2.id }]);
}

async function pageOf(world: World, contestant: Contestant, { instance }: Machine): Promise<string> {
  if (contestant.joins) return (await world.aws.balancer.get("/", { host: "web-dev" })).body;
  return (await fetch(`http://${instance.address}/`, { signal: AbortSignal.timeout(10_000) })).text();
}

function expect(contestant: Contestant, what: string, holds: boolean): void {
  if (!holds) throw new Error(`${contestant.name} did not do the work; this does not hold: ${what}`);
}
