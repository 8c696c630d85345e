// What one boot took, as the machine, its commands and AWS tell.
import type { Call } from "../../test/lab/aws-front/front.ts";
import { type Metered, parseMeter } from "./meter.ts";
import type { Contestant } from "./contestants.ts";
import { covered, gapsOf } from "./intervals.ts";
import type { Machine, World } from "./world.ts";

/** Seconds and MiB. */
export interface Boot {
  /** From the start of the machine's process 1 to in service. */
  readonly wall: number;
  /** Since the work began: what neither an external command took nor the balancer. */
  readonly own: number;
  /** From the answer to RegisterTargets to that of the poll which said healthy. */
  readonly balancer: number;
  /** Since the work began: at least one external command ran. */
  readonly commanded: number;
  /** All that the machine used, its own start included. */
  readonly cpu: number;
  /** Of what does the work beside these commands: muster; bash, curl and aws; cloud-init. */
  readonly ownCpu: number;
  /** The largest of those processes. */
  readonly ownMemory: number;
  /** Without polls of target health. */
  readonly calls: number;
  readonly polls: number;
  readonly commands: readonly Metered[];
  /** What the own time is made of: `git fetch → git log` and how long it took. */
  readonly gaps: ReadonlyMap<string, number>;
}

const poll = "elasticloadbalancing:DescribeTargetHealth";

/** Waits for its end and measures. @throws when it does not come into service */
export async function measureBoot(world: World, contestant: Contestant, machine: Machine): Promise<Boot> {
  const { instance, ec2 } = machine;
  const look = async (): Promise<string> => (await instance.exec(contestant.endedAt, { check: false })).stdout.trim();
  const ended = Number(await instance.waitFor(look, { what: "in service", timeout: 240_000, every: 1_000 }));
  const began = await startsOf(machine, contestant.unit);
  const metered = parseMeter(await instance.readFile("/var/log/meter"));
  const commands = metered.filter(({ tool }) => !tool);
  const calls = world.aws.calls(ec2);
  const waits = contestant.joins ? [balancerWait(calls)] : [];
  const work = { begin: began.work, end: ended };
  const own = await contestant.own(machine, metered);
  const gaps = new Map<string, number>();
  for (const { after, before, seconds } of gapsOf([...commands, ...waits], work)) {
    const between = `${after?.name ?? "start"} → ${before?.name ?? "in service"}`;
    gaps.set(between, (gaps.get(between) ?? 0) + seconds);
  }
  return {
    wall: ended - began.machine,
    own: [...gaps.values()].reduce((sum, seconds) => sum + seconds, 0),
    balancer: covered(waits, work),
    commanded: covered(commands, work),
    cpu: Number(/usage_usec (\d+)/.exec(await instance.readFile("/sys/fs/cgroup/cpu.stat"))?.[1]) / 1e6,
    ownCpu: own.cpu,
    ownMemory: own.memory,
    calls: calls.filter(({ operation }) => operation !== poll).length,
    polls: calls.filter(({ operation }) => operation === poll).length,
    commands,
    gaps,
  };
}

/** From the answer to the registration to that of the last poll, which said healthy. */
function balancerWait(calls: readonly Call[]) {
  return { name: "target health", begin: last(calls, "RegisterTargets"), end: last(calls, poll) };
}

/** When the last such call was answered, in seconds since 1970. */
function last(calls: readonly Call[], operation: string): number {
  const call = calls.findLast((each) => each.operation.endsWith(operation));
  if (call === undefined) throw new Error(`nobody called ${operation}`);
  return call.at.getTime() / 1000;
}

/** Seconds since 1970. */
async function startsOf({ instance }: Machine, unit: string): Promise<{ machine: number; work: number }> {
  const read = async (property: string, ...of: string[]): Promise<number> => {
    const show = `systemctl show --value --timestamp=us+utc --property=${property} ${of.join(" ")}`;
    return Number((await instance.exec(`date +%s.%6N -d "$(${show})"`)).stdout);
  };
  return { machine: await read("UserspaceTimestamp"), work: await read("ExecMainStartTimestamp", unit) };
}
