// What the agent costs while it has nothing to do, beside a Puppet agent that has nothing to do either:
//   npm run bench:idle [-- --minutes=10]
// Each is a daemon after its first run, in an instance of its own of the same image, all in the same minutes.
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

import type { Instance } from "../test/lab/instance.ts";
import { type Daemon, startDaemons } from "./idle/daemons.ts";
import { look, type Look, mainProcess } from "./idle/process.ts";
import { budgetTable, table, withSpread } from "./shared/table.ts";
import { spread, type Spread } from "./shared/statistics.ts";

const budgets = { anonymous: 20, percent: 0.1 };
const memoryLimit = "480M";
const everySeconds = 15;

interface Idled {
  readonly name: string;
  readonly anonymous: Spread;
  readonly pss: Spread;
  /** Of a core, in percent. */
  readonly percent: number;
  readonly childrenPercent: number;
  readonly sleepsPerMinute: number;
}

const { values } = parseArgs({ options: { minutes: { type: "string", default: "10" } } });
const minutes = Number(values.minutes);
if (!(minutes > 0)) throw new Error("--minutes takes a number above 0");

await using daemons = await startDaemons();
const all = [...daemons.muster, daemons.peer];
const enforced = await limitMemory(all);
console.log(`${all.length} daemons idle for ${minutes} minutes`);
const idled = await Promise.all(all.map(idle));
print();

/** Puts every daemon under the limit. @returns whether this machine enforces it */
async function limitMemory(these: readonly Daemon[]): Promise<boolean> {
  for (const { instance, unit } of these) {
    await instance.exec(["systemctl", "set-property", "--runtime", unit, `MemoryMax=${memoryLimit}`]);
  }
  return limits(daemons.peer.instance);
}

/** A command that holds more than it may: killed where the limit counts. */
async function limits(instance: Instance): Promise<boolean> {
  const hungry = "head --bytes=96M /dev/zero | tail --lines=1 >/dev/null";
  const limited = ["systemd-run", "--quiet", "--wait", "--property=MemoryMax=32M", "--property=MemorySwapMax=0"];
  const { code } = await instance.exec([...limited, "bash", "-o", "pipefail", "-c", hungry], { check: false });
  return code !== 0;
}

async function idle({ name, instance, unit }: Daemon): Promise<Idled> {
  const pid = await mainProcess(instance, unit);
  const begun = performance.now();
  const looks = [await look(instance, pid)];
  while (performance.now() - begun < minutes * 60_000) {
    await sleep(Math.min(everySeconds * 1000, minutes * 60_000));
    looks.push(await look(instance, pid));
  }
  if ((await mainProcess(instance, unit)) !== pid) throw new Error(`${name} was restarted`);
  const seconds = (performance.now() - begun) / 1000;
  const used = (count: (one: Look) => number) => countOver(looks, count) / seconds;
  return {
    name,
    anonymous: spread(looks.map(({ anonymous }) => anonymous)),
    pss: spread(looks.map(({ pss }) => pss)),
    percent: used(({ cpu }) => cpu) * 100,
    childrenPercent: used(({ children }) => children) * 100,
    sleepsPerMinute: used(({ sleeps }) => sleeps) * 60,
  };
}

function countOver(looks: readonly Look[], count: (one: Look) => number): number {
  const [first] = looks;
  const last = looks.at(-1);
  if (first === undefined || last === undefined) throw new Error("nothing was measured");
  return count(last) - count(first);
}

function print(): void {
  const head = ["daemon", "anonymous MB", "PSS MB", "% of a core", "its commands", "wake-ups a minute"];
  const rows = idled.map((one) => [
    one.name,
    withSpread(one.anonymous, 1),
    withSpread(one.pss, 1),
    one.percent.toFixed(3),
    one.childrenPercent.toFixed(3),
    one.sleepsPerMinute.toFixed(0),
  ]);
  console.log(`\n${table(head, rows)}\n`);
  console.log(
    `medians, and the least and the most, of a look every ${everySeconds} s from the end of the first run on`,
  );
  const limit = enforced ? "enforced" : "set, but this machine enforces no limit (as many containers)";
  console.log(`MemoryMax=${memoryLimit}: ${limit}\n`);
  const ours = idled.slice(0, daemons.muster.length);
  const judged = ours.flatMap(({ name, anonymous, percent }) => [
    {
      what: `${name}: anonymous memory`,
      limit: `${budgets.anonymous} MB`,
      measured: `${anonymous.median.toFixed(1)} MB`,
      met: anonymous.median <= budgets.anonymous,
    },
    {
      what: `${name}: CPU of the daemon`,
      limit: `${budgets.percent} %`,
      measured: `${percent.toFixed(3)} %`,
      met: percent <= budgets.percent,
    },
  ]);
  console.log(budgetTable(judged));
}
