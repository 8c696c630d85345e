// The real adapters, as they are in an instance, and a context that prints what it is told.
import { createAptPackageManager } from "../../../src/adapters/apt/package-manager.ts";
import { createDnfPackageManager } from "../../../src/adapters/dnf/package-manager.ts";
import { createClock } from "../../../src/adapters/host/clock.ts";
import { createStateFiles } from "../../../src/adapters/host/state-files.ts";
import { createUnitRunner } from "../../../src/adapters/systemd/unit-runner.ts";
import { reportOf } from "../../../src/domain/errors/errors.ts";
import type { StageName } from "../../../src/domain/run/run.ts";
import type { PackageManager } from "../../../src/ports/package-manager.ts";
import type { StageContext } from "../../../src/ports/stage-context.ts";

// Twenty times as fast, so that deadlines come soon.
export const clock = { ...createClock(), monotonicMs: () => performance.now() * 20 };

export function packagesOf(manager: "apt" | "dnf"): PackageManager {
  const units = createUnitRunner("/run/muster");
  if (manager === "apt") return createAptPackageManager({ clock, units });
  return createDnfPackageManager({ clock, units, files: createStateFiles("/var/lib/muster"), flavour: "dnf" });
}

export function printingContext(run: string, stage: StageName): StageContext {
  return {
    run,
    stage,
    signal: new AbortController().signal,
    progress: (text) => print({ progress: text }),
    waiting: (text) => print({ waiting: text }),
    output: (line) => print({ output: line }),
    warn: (code, text) => print({ warning: `${code}: ${text}` }),
  };
}

/** Prints what comes of it as the last line. */
export async function tell(work: () => Promise<unknown>): Promise<void> {
  try {
    print({ result: await work() });
  } catch (error) {
    print({ error: reportOf(error) });
  }
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
