// What a boot costs with muster, with a script, with cloud-init, and at the least: `npm run bench:boot [-- ROUNDS]`.
// All four boot the same image into the same end state, by turns, each time a fresh instance. docs/performance.md.
import { byHand, cloudInit, type Contestant, floorOf, muster } from "./boot/contestants.ts";
import { checkEndState, checkSameCommands, leave } from "./boot/end-state.ts";
import { type Boot, measureBoot } from "./boot/measure.ts";
import { reportOf } from "./boot/report.ts";
import { createWorld } from "./boot/world.ts";

const rounds = Number(process.argv[2] ?? 5);

await using world = await createWorld();
// The first boot warms caches up, and tells which commands are the floor.
const { commands } = await boot(muster);
const floor = floorOf(commands, world.commit);
const contestants = [muster, byHand, cloudInit, floor];
const results = new Map<Contestant, Boot[]>(contestants.map((contestant) => [contestant, []]));
for (let round = 0; round < rounds; round += 1) {
  // Another one is first in every round: none always has the machine at its worst.
  const first = round % contestants.length;
  for (const contestant of [...contestants.slice(first), ...contestants.slice(0, first)]) {
    results.get(contestant)?.push(await boot(contestant));
  }
}
const [ours = [], script = [], init = [], least = []] = results.values();
for (const replayed of least) checkSameCommands(commands, replayed.commands);
console.log(reportOf({ muster: ours, script, "cloud-init": init, floor: least }));

async function boot(contestant: Contestant): Promise<Boot> {
  const machine = await world.boot(contestant);
  const measured = await measureBoot(world, contestant, machine);
  await checkEndState(world, contestant, machine);
  await leave(world, machine);
  console.error(`bench: ${contestant.name} ${measured.wall.toFixed(1)} s, own ${measured.own.toFixed(2)} s`);
  return measured;
}
