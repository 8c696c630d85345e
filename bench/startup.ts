// What it costs to start muster, beside what else an operator starts on the same machine: `npm run bench:startup`.
// Everything runs in one instance of the lab, in turn, so that both sides see the same load.
import { createLab } from "../test/lab/lab.ts";

const runs = 15;

/** Puppet is the peer that the image has anyway; git is the floor of a small native program. */
const commands: Readonly<Record<string, string>> = {
  "muster --version": "muster --version",
  "muster status": "muster status",
  "puppet --version": "puppet --version",
  "git --version": "git --version",
};
const peer = "puppet --version";

type Sample = { readonly wall: number; readonly cpu: number };

await using lab = await createLab();
const instance = await lab.boot({ enableMuster: false });
const samples = new Map<string, Sample[]>(Object.keys(commands).map((name) => [name, []]));
for (let run = 0; run <= runs; run += 1) {
  for (const [name, command] of Object.entries(commands)) {
    const sample = await measure(command);
    // The first round warms caches up.
    if (run > 0) samples.get(name)?.push(sample);
  }
}
print();

/** bash tells the seconds of its children: wall, user, system. */
async function measure(command: string): Promise<Sample> {
  const script = `TIMEFORMAT='%R %U %S'; time ${command} >/dev/null 2>&1`;
  const { stderr } = await instance.exec(["bash", "-c", script], { timeout: 60_000 });
  const [wall = 0, user = 0, system = 0] = stderr.trim().split(" ").map(Number);
  return { wall: wall * 1000, cpu: (user + system) * 1000 };
}

function print(): void {
  const base = median(cpusOf(peer));
  console.log(
    `\n${"command".padEnd(20)}${"wall ms".padStart(10)}${"CPU ms".padStart(10)}${"min-max".padStart(14)}  CPU, of ${peer}`,
  );
  for (const name of samples.keys()) {
    const cpu = cpusOf(name);
    const wall = (samples.get(name) ?? []).map((sample) => sample.wall);
    const spread = `${Math.min(...cpu).toFixed(0)}-${Math.max(...cpu).toFixed(0)}`;
    const ratio = (median(cpu) / base).toFixed(3);
    console.log(
      `${name.padEnd(20)}${median(wall).toFixed(0).padStart(10)}${median(cpu).toFixed(0).padStart(10)}${spread.padStart(14)}  ${ratio}`,
    );
  }
  console.log(`\nmedians of ${runs} runs, in turn, in one instance of the lab`);
}

function cpusOf(name: string): readonly number[] {
  return (samples.get(name) ?? []).map(({ cpu }) => cpu);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
