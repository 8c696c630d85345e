// The index and patch stages over the real adapters: agent.ts RUN index | agent.ts RUN patch SCOPE | agent.ts RUN plan SCOPE,
// then `unrefreshed`, `exclude=GLOB,…`, `releasever=VERSION`, `dnf`.
// Prints what it says as it goes, and the outcome as the last line.
import { createMachine } from "../../../src/adapters/systemd/machine.ts";
import type { PatchPolicy, PatchScope } from "../../../src/domain/role/role.ts";
import { indexStage, patchStage, planPatch } from "../../../src/stages/patch/stage.ts";
import { clock, packagesOf, printingContext, tell } from "./machine.ts";

const [run = "", what = "", scope = "none", ...more] = process.argv.slice(2);
const releasever = given("releasever");
const ports = { clock, machine: createMachine(), packages: packagesOf(more.includes("dnf") ? "dnf" : "apt") };
const policy: PatchPolicy = {
  scope: scope as PatchScope,
  exclude: given("exclude")?.split(",") ?? [],
  ...(releasever === undefined ? {} : { releasever }),
  reboot: "when-required",
  timeoutMs: 120_000,
};
const context = printingContext(run, what === "index" ? "index" : "patch");

function given(key: string): string | undefined {
  return more.find((word) => word.startsWith(`${key}=`))?.slice(key.length + 1);
}

async function work(): Promise<unknown> {
  if (what === "index") return indexStage(ports, context);
  if (what === "plan") return planPatch(policy, ports, context);
  const index = { refreshed: !more.includes("unrefreshed"), failed: [] };
  return patchStage({ policy, index, offline: false, restarts: async () => "now" }, ports, context);
}

await tell(work);
