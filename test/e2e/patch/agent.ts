// The index and patch stages over the real adapters: agent.ts RUN index | agent.ts RUN patch SCOPE | agent.ts RUN plan SCOPE,
// then `unrefreshed`, `exclude=GLOB,…`, `releasever=VERSION`, `dnf`.
// Prints what it says as it goes, and the outcome as the last line.
import { createAptPackageManager } from "../../../src/adapters/apt/package-manager.ts";
import { createDnfPackageManager } from "../../../src/adapters/dnf/package-manager.ts";
import { createClock } from "../../../src/adapters/host/clock.ts";
import { createStateFiles } from "../../../src/adapters/host/state-files.ts";
import { createUnitRunner } from "../../../src/adapters/systemd/unit-runner.ts";
import { reportOf } from "../../../src/domain/errors.ts";
import type { PatchPolicy, PatchScope } from "../../../src/domain/role.ts";
import type { StageContext } from "../../../src/ports/stage-context.ts";
import { indexStage, patchStage, planPatch } from "../../../src/stages/patch/stage.ts";

const [run = "", what = "", scope = "none", ...more] = process.argv.slice(2);
const exclude = given("exclude")?.split(",") ?? [];
const releasever = given("releasever");
// Twenty times as fast, so that deadlines come soon.
const clock = { ...createClock(), monotonicMs: () => performance.now() * 20 };
const units = createUnitRunner("/run/muster");
const packages = more.includes("dnf")
  ? createDnfPackageManager({ clock, units, files: createStateFiles("/var/lib/muster"), flavour: "dnf" })
  : createAptPackageManager({ clock, units });
const ports = { clock, packages };
const policy: PatchPolicy = {
  scope: scope as PatchScope,
  exclude,
  ...(releasever === undefined ? {} : { releasever }),
  reboot: "when-required",
  timeoutMs: 120_000,
};
const context: StageContext = {
  run,
  stage: what === "index" ? "index" : "patch",
  signal: new AbortController().signal,
  progress: (text) => print({ progress: text }),
  waiting: (text) => print({ waiting: text }),
  output: (line) => print({ output: line }),
  warn: (code, text) => print({ warning: `${code}: ${text}` }),
};

function given(key: string): string | undefined {
  return more.find((word) => word.startsWith(`${key}=`))?.slice(key.length + 1);
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

async function work(): Promise<unknown> {
  if (what === "index") return indexStage(ports, context);
  if (what === "plan") return planPatch(policy, ports, context);
  return patchStage({ policy, index: { refreshed: !more.includes("unrefreshed") }, offline: false }, ports, context);
}

try {
  print({ result: await work() });
} catch (error) {
  print({ error: reportOf(error) });
}
