// Looks at the balancer and the DNS server from outside, all the time: when was which instance entered?
import { setTimeout as sleep } from "node:timers/promises";

import { servers } from "../harness/outside.ts";
import type { World } from "../harness/world.ts";
import type { Entry } from "./state.ts";
import { nameOf } from "./state.ts";

export interface Outside extends AsyncDisposable {
  /** When the address was entered anywhere, and where; milliseconds since 1970. */
  entered: (address: string) => Promise<{ where: string; at: number }[]>;
}

/** A look takes a millisecond; gates are further apart from what they open than two looks. */
const everyMs = 50;

export function watchOutside(world: World): Outside {
  const seen: { address: string; at: number }[] = [];
  let present = new Set<string>();
  const over = new AbortController();

  const watching = (async () => {
    while (!over.signal.aborted) {
      const now = new Set((await look(world)).map(({ address }) => address));
      const at = Date.now();
      for (const address of now) if (!present.has(address)) seen.push({ address, at });
      present = now;
      await sleep(everyMs);
    }
  })();

  return {
    async entered(address) {
      const added = (await world.services.dns.updateLog()).filter((line) => /adding an RR/.test(line));
      const own = added.filter((line) => line.includes(`@`) && line.includes(` ${address}#`));
      return [
        ...seen.filter((each) => each.address === address).map(({ at }) => ({ where: "the balancer", at })),
        ...own.map((line) => ({ where: "the zone", at: timeOf(line) })),
      ];
    },
    async [Symbol.asyncDispose]() {
      over.abort();
      await watching;
    },
  };
}

/** A machine that plays many cells at once may leave HAProxy without a turn for seconds. */
async function look(world: World, looks = 10): ReturnType<typeof servers> {
  try {
    return await servers(world);
  } catch (error) {
    if (looks <= 1) throw error;
    return look(world, looks - 1);
  }
}

/** `21-Nov-2026 05:00:00.123 client …`: named's log, in this machine's time. */
function timeOf(line: string): number {
  const [, date = "", time = ""] = /^(\S+) (\S+) /.exec(line) ?? [];
  const at = Date.parse(`${date.replaceAll("-", " ")} ${time}`);
  if (Number.isNaN(at)) throw new Error(`no time in the DNS server's line: ${line}`);
  return at;
}

/** What was entered although no gate had passed in that life of the agent. */
export function ungated(
  entered: readonly { where: string; at: number }[],
  journal: readonly Entry[],
  deathAt: number,
): string[] {
  const passed = journal.filter((entry) => nameOf(entry) === "health finished").map(({ at }) => Date.parse(at));
  return entered
    .filter(({ at }) => !passed.some((gate) => gate <= at && (at < deathAt || gate > deathAt)))
    .map(({ where, at }) => `entered into ${where} at ${new Date(at).toISOString()} before its gates had passed`);
}
