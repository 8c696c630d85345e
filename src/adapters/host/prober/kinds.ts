import type { CheckKind, CheckTarget, FreeAmount } from "../../../domain/health/check.ts";
import { formatSize } from "../../../domain/text/units.ts";
import type { Limits } from "../path-calls.ts";
import { probeCommand, type RunCommand } from "./command.ts";
import { probeFile } from "./file.ts";
import { probeHttp } from "./http.ts";
import { probeProcess } from "./process.ts";
import { probeDisk, probeMemory, probeMount } from "./resources.ts";
import type { Seen } from "./seen.ts";
import { probeTcp } from "./tcp.ts";
import type { ObserveUnit } from "./unit-observer.ts";

/** The inputs of a probe. */
type Looking = Limits & {
  /** The mount point of proc. */
  readonly procDirectory: string;
  /** Runs operators' commands. */
  readonly runCommand: RunCommand;
  /** Asks systemd. */
  readonly observeUnit: ObserveUnit;
};

/** One kind of check: its attempt, and the expectation in the words of status and log. */
type Kind<K extends CheckKind> = {
  probe(target: CheckTarget<K>, looking: Looking): Promise<Seen>;
  expected(target: CheckTarget<K>): string;
};

/** Every kind of check. */
const kinds: { readonly [K in CheckKind]: Kind<K> } = {
  http: {
    probe: (target, { signal }) => probeHttp(target, signal),
    expected: ({ status, contains }) => `status ${status}${containing(contains, "body")}`,
  },
  tcp: { probe: (target, { signal }) => probeTcp(target, signal), expected: () => "a connection" },
  unit: {
    probe: (target, { timeoutMs, signal, observeUnit }) => observeUnit(target.unit, timeoutMs, signal),
    expected: () => "active",
  },
  command: {
    probe: (target, { timeoutMs, signal, runCommand }) => probeCommand(target, timeoutMs, signal, runCommand),
    expected: ({ exit, contains }) => `exit ${exit}${containing(contains, "output")}`,
  },
  process: {
    probe: (target, { procDirectory }) => probeProcess(target, procDirectory),
    expected: ({ min, max }) => {
      if (max === undefined) return `at least ${min}`;
      return min === max ? `exactly ${min}` : `${min} to ${max}`;
    },
  },
  disk: { probe: (target, looking) => probeDisk(target, looking), expected: ({ free }) => `${amount(free)} free` },
  memory: {
    probe: (target, { procDirectory }) => probeMemory(target, procDirectory),
    expected: ({ available }) => `${amount(available)} available`,
  },
  mount: {
    probe: (target, { procDirectory }) => probeMount(target, procDirectory),
    expected: ({ type }) => (type === undefined ? "mounted" : `mounted as ${type}`),
  },
  file: {
    probe: (target, looking) => probeFile(target, looking),
    expected: ({ contains, mode, owner }) => {
      const wishes = [
        contains === undefined ? undefined : `with ${JSON.stringify(contains)} in it`,
        mode === undefined ? undefined : `mode ${mode}`,
        owner === undefined ? undefined : `owner ${owner}`,
      ];
      return ["a file", ...wishes].filter((wish) => wish !== undefined).join(", ");
    },
  },
};

/** Makes an attempt, by the kind of the target. */
export function look<K extends CheckKind>(target: CheckTarget<K>, looking: Looking): Promise<Seen> {
  return kinds[target.kind].probe(target, looking);
}

/** The expectation of a check. */
export function expectedOf<K extends CheckKind>(target: CheckTarget<K>): string {
  return kinds[target.kind].expected(target);
}

function containing(text: string | undefined, where: string): string {
  return text === undefined ? "" : ` and ${JSON.stringify(text)} in the ${where}`;
}

function amount(free: FreeAmount): string {
  return "percent" in free ? `${free.percent}%` : formatSize(free.bytes);
}
