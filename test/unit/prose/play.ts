// Plays the life of an instance, and looks at all that can be seen of it from outside.
import { runProgram } from "../../../src/cli/program.ts";
import { runCommand } from "../../../src/cli/commands/run.ts";
import { statusCommand } from "../../../src/cli/commands/status.ts";
import type { RunEnd } from "../../../src/domain/run/run.ts";
import { explain } from "../../../src/views/explain/explain.ts";
import { situationOf, stageOf } from "../../../src/views/explain/situation.ts";
import { createFakeIo } from "../../fakes/command-io.ts";
import { explained, observeFrom } from "../cli/explained.ts";
import { begin } from "../daemon/begin.ts";
import { catalogue, createWorld, never, type Process, type World } from "../run/world.ts";
import { mapFile, rewordAll, withoutWords } from "./reword.ts";

export const minute = 60_000;

/** A world of which what is read back is reworded too: files, what checks find, what balancer and packages say. */
export async function reworldly(role: Record<string, unknown> = {}): Promise<World> {
  const world = await createWorld();
  await world.repo.remote.commitFiles(catalogue(role), "the role");
  const read = world.files.read.bind(world.files);
  world.files.read = async (name) => {
    const text = await read(name);
    return text === undefined ? undefined : (mapFile(text, rewordAll) ?? text);
  };
  rewordAnswers(world.prober, "probe");
  rewordAnswers(world.packages, "rebootState");
  rewordAnswers(world.balancer, "observe");
  return world;
}

function rewordAnswers<T extends object>(target: T, name: keyof T): void {
  const real = target[name] as (...args: unknown[]) => Promise<unknown>;
  if (typeof real !== "function") throw new Error(`there is no ${String(name)}`);
  const put: Record<keyof T, unknown> = target;
  put[name] = async (...args: unknown[]) => rewordAll(await real.apply(target, args));
}

/** What `muster status`, `muster explain` and `muster run` come to now. */
export async function looked(world: World, muster: Process) {
  const input = await observeFrom(world, muster);
  const situation = situationOf(input);
  const { standing, code, rows, values, refused, notices } = explain(input);
  const status = statusCommand({ read: async () => muster.status.current(), connect: none, wait: none });
  return {
    situation: { kind: situation.kind, stage: stageOf(situation) },
    explained: { standing, code, rows: rows.map(({ name, lines }) => [name, lines.length]), values, refused, notices },
    exits: [
      (await explained(input)).code,
      await runProgram({ version: "", commands: { status: async () => status } }, ["status"], createFakeIo()),
    ],
    status: muster.status.current(),
  };
}

function none(): Promise<never> {
  return Promise.reject(new Error("not asked for here"));
}

/** All that became of the world. */
export function outcome(world: World, processes: readonly Process[]) {
  const files = [...world.files.texts].map(([name, text]) => [name, mapFile(text, withoutWords) ?? text.length]);
  return {
    events: processes.map(({ events }) => events),
    files: Object.fromEntries(files) as unknown,
    members: world.balancer.members(),
    records: world.dns.records(),
    calls: [world.packages.calls, world.machine.calls, world.lifecycle.calls, world.units.started.length],
    tags: world.tags.writes.map((tags) => Object.keys(tags)),
    now: world.clock.now().toISOString(),
  };
}

export type Seen = Awaited<ReturnType<typeof looked>>;

/** A daemon's life: what is done to it, and a look after each. */
export async function daemonLife(
  role: Record<string, unknown>,
  acts: (world: World, begun: Awaited<ReturnType<typeof begin>>) => readonly (() => unknown)[],
  before: (world: World) => unknown = () => undefined,
) {
  const world = await reworldly(role);
  await before(world);
  const begun = await begin(world);
  const seen: Seen[] = [];
  await world.clock.advance(minute);
  for (const act of [() => undefined, ...acts(world, begun)]) {
    await act();
    for (let looks = 0; looks < 4; looks += 1) {
      await world.clock.advance(30_000);
      seen.push(await looked(world, begun.muster));
    }
  }
  await begun.stop();
  return { seen, ...outcome(world, begun.processes) };
}

/** Boots that fail at a place, one process each, until it is mended. */
export async function failingBoot(spoil: (world: World) => unknown, mend: (world: World) => unknown) {
  const world = await reworldly();
  const ends: RunEnd[] = [];
  const seen: Seen[] = [];
  await spoil(world);
  const muster = await world.start();
  const first = await muster.executor.start(never);
  if (first !== undefined) ends.push(first);
  seen.push(await looked(world, muster));
  ends.push(await muster.run({ cause: "retry" }));
  await mend(world);
  const second = await world.start();
  ends.push(await second.run());
  seen.push(await looked(world, second));
  ends.push(await second.drain());
  seen.push(await looked(world, second));
  ends.push(await second.join());
  seen.push(await looked(world, second));
  return { ends, exits: await Promise.all(ends.map(exitOf)), seen, ...outcome(world, [muster, second]) };
}

async function exitOf(end: RunEnd): Promise<number> {
  const agent = { run: async () => end } as never;
  const commands = { run: async () => runCommand({ connect: async () => agent }) };
  return runProgram({ version: "", commands }, ["run"], createFakeIo());
}

/** An agent dies ten seconds after what is done to it, and another one begins with what it left. */
export async function twoLives(act: (world: World) => unknown, meanwhile: (world: World) => unknown) {
  const world = await reworldly();
  const first = await begin(world);
  await world.clock.advance(minute);
  act(world);
  await world.clock.advance(10_000);
  await first.stop();
  meanwhile(world);
  const second = await begin(world);
  const seen: Seen[] = [];
  for (let looks = 0; looks < 6; looks += 1) {
    await world.clock.advance(30_000);
    seen.push(await looked(world, second.muster));
  }
  await second.stop();
  return { seen, ...outcome(world, [...first.processes, ...second.processes]) };
}
