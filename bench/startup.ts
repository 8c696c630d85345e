// What it costs to start muster, beside what else an operator starts on the same machine: `npm run bench:startup`.
// Everything runs in one instance of the lab, in turn, so that all see the same load; it is in service, so that status
// and explain have a run to tell of.
import { imageDirectory } from "../test/lab/prepare/image.ts";
import { waitForState } from "../test/e2e/harness/muster.ts";
import { createWorld } from "../test/e2e/harness/world.ts";
import { benchImage } from "./boot/image.ts";
import { ratios, spread } from "./shared/statistics.ts";
import { budgetTable, table, withSpread } from "./shared/table.ts";

const rounds = 15;
const ours = ["muster --version", "muster status", "muster explain"];
const peers = ["aws --version", "puppet --version", "cloud-init status"];
/** Nobody's peer: what a small native program costs. */
const floor = "git --version";
const commands = [...ours, ...peers, floor];

const judged = { command: "muster status", peer: "aws --version", limit: 1 / 20 };

/** Milliseconds. */
type Sample = { readonly wall: number; readonly cpu: number };

await using world = await createWorld(import.meta.dirname);
const instance = await world.boot({
  image: imageDirectory("bookworm", benchImage),
  // It has no work here, and muster would wait for it.
  files: { "/etc/cloud/cloud-init.disabled": "" },
});
await waitForState(instance, "in-service");
const samples = new Map<string, Sample[]>(commands.map((command) => [command, []]));
for (let round = 0; round <= rounds; round += 1) {
  for (const command of commands) {
    const sample = await measure(command);
    // The first round warms caches up.
    if (round > 0) samples.get(command)?.push(sample);
  }
}
print();

/** bash tells the seconds of its children: wall, user, system. A command that cannot be started is no sample. */
async function measure(command: string): Promise<Sample> {
  const script = `TIMEFORMAT='%R %U %S'; time ${command} >/dev/null 2>&1; test $? -lt 126`;
  const { stderr } = await instance.exec(["bash", "-c", script], { timeout: 60_000 });
  const [wall = Number.NaN, user = Number.NaN, system = Number.NaN] = stderr.trim().split(" ").map(Number);
  return { wall: wall * 1000, cpu: (user + system) * 1000 };
}

function print(): void {
  const head = ["command", "wall ms", "CPU ms", ...peers.map((peer) => `CPU of ${peer}`)];
  const rows = commands.map((command) => [
    command,
    withSpread(spread(walls(command)), 0),
    withSpread(spread(cpus(command)), 0),
    ...peers.map((peer) => `1/${(1 / ratios(cpus(command), cpus(peer)).median).toFixed(1)}`),
  ]);
  console.log(`\n${table(head, rows)}\n`);
  console.log(`medians, and the least and the most, of ${rounds} rounds, in turn, in one instance of the lab\n`);
  const { median } = ratios(cpus(judged.command), cpus(judged.peer));
  const budget = {
    what: `CPU of ${judged.command}, of ${judged.peer}`,
    limit: `1/${1 / judged.limit}`,
    measured: `1/${(1 / median).toFixed(1)}`,
    met: median <= judged.limit,
  };
  console.log(budgetTable([budget]));
}

function cpus(command: string): readonly number[] {
  return (samples.get(command) ?? []).map(({ cpu }) => cpu);
}

function walls(command: string): readonly number[] {
  return (samples.get(command) ?? []).map(({ wall }) => wall);
}
