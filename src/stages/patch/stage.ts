import { MusterError } from "../../domain/errors.ts";
import type { PatchPolicy, PatchScope } from "../../domain/role.ts";
import type { Clock } from "../../ports/clock.ts";
import type { PackageManager, PackageState } from "../../ports/package-manager.ts";
import type { PlannedStep, StageContext, StageResult } from "../../ports/stage-context.ts";
import { act } from "./act.ts";
import { refreshPatiently } from "./index-stage.ts";
import { describeStep, pendingAfter, planStep, type PatchStep } from "./plan.ts";
import type { IndexResult, PatchResult } from "./result.ts";

export { indexStage } from "./index-stage.ts";

export type PatchInput = {
  readonly policy: PatchPolicy;
  readonly index: IndexResult;
  /** The config repo could not be reached either: nothing is gained by waiting for the package sources. */
  readonly offline: boolean;
};

type Ports = { readonly packages: PackageManager; readonly clock: Clock };
type Scope = Exclude<PatchScope, "none">;

/** A repair, an upgrade with a stale index, the same with a fresh one, and one to spare. */
const maxSteps = 4;
const namesInFacts = 50;

/**
 * Brings the operating system's packages to where the role wants them, and finds out whether a reboot is due.
 * @throws MusterError as PackageManager.observe, .repair and .upgrade; `patch-unfinished`
 */
export async function patchStage(
  { policy, index, offline }: PatchInput,
  { packages, clock }: Ports,
  context: StageContext,
): Promise<StageResult<PatchResult>> {
  const { scope } = policy;
  if (scope === "none") return skipped(await packages.rebootState(context.signal));
  // A transaction of an agent that died may still run: it decides what there is to see.
  await packages.resume(context);
  if (!index.refreshed) await makeUpForIndex(offline, { packages, clock }, context);
  const pending = await bringUpToDate(scope, policy.timeoutMs, packages, context);
  const upgraded = [...(await packages.changes(context.run))];
  const reboot = await rebootOf(packages, context);
  return {
    value: { scope, upgraded, pending, reboot },
    outcome: upgraded.length === 0 ? "unchanged" : "changed",
    summary: summaryOf(scope, upgraded.length, pending, reboot.required),
    facts: {
      scope,
      upgraded: upgraded.length,
      pending,
      rebootRequired: reboot.required,
      ...(upgraded.length === 0
        ? {}
        : { packages: upgraded.slice(0, namesInFacts).map(({ name, to }) => `${name} ${to}`) }),
      ...(reboot.required ? { rebootReasons: reboot.reasons } : {}),
    },
  };
}

/** What `patchStage` would do by the index on the disk; changes nothing. */
export async function planPatch(
  policy: PatchPolicy,
  { packages }: Pick<Ports, "packages">,
  context: StageContext,
): Promise<readonly PlannedStep[]> {
  if (policy.scope === "none") return [];
  const step = planStep(await packages.observe(context), policy.scope);
  return step === undefined ? [] : describeStep(step);
}

async function makeUpForIndex(offline: boolean, ports: Ports, context: StageContext): Promise<void> {
  const failure = offline ? "the network seems to be gone" : await refreshPatiently(ports, context);
  if (failure === undefined) return;
  context.warn("package-index-stale", `Updates are judged by the package index of an earlier day: ${failure}`);
}

/** @returns how many upgrades are known and stay out */
async function bringUpToDate(
  scope: Scope,
  timeoutMs: number,
  packages: PackageManager,
  context: StageContext,
): Promise<number> {
  let refreshed = false;
  for (let count = 0; count < maxSteps; count += 1) {
    context.progress("looking at the packages");
    const state = await packages.observe(context);
    const step = planStep(state, scope);
    if (step === undefined) return pendingOf(state, step, context);
    try {
      await act(step, packages, timeoutMs, context);
      if (step.kind === "upgrade") return pendingOf(state, step, context);
    } catch (error) {
      // The archive moved on and took the old versions away: the index is read again, once.
      if (refreshed || !isFetchFailure(error)) throw error;
      refreshed = true;
      context.progress("reading the package index again");
      await packages.refresh(context);
    }
  }
  throw new MusterError({
    code: "patch-unfinished",
    message: "The packages are still not in order after they were repaired",
    hint: 'Run "dpkg --audit" on the instance: it names the packages and what is wrong with them.',
  });
}

function pendingOf(state: PackageState, done: PatchStep | undefined, context: StageContext): number {
  if (state.keptBack.length > 0) {
    const names = state.keptBack.join(", ");
    context.warn(
      "packages-kept-back",
      `Newer versions cannot be installed without removing packages, or not yet: ${names}`,
    );
  }
  return pendingAfter(state, done);
}

async function rebootOf(packages: PackageManager, context: StageContext) {
  const { required, reasons } = await packages.rebootState(context.signal);
  return { required, reasons: [...reasons] };
}

function skipped({ required, reasons }: { required: boolean; reasons: readonly string[] }): StageResult<PatchResult> {
  return {
    value: { scope: "none", upgraded: [], reboot: { required, reasons: [...reasons] } },
    outcome: "skipped",
    summary: "the role does not patch (scope none)",
    facts: { scope: "none", rebootRequired: required },
  };
}

function summaryOf(scope: Scope, upgraded: number, pending: number, reboot: boolean): string {
  const what = scope === "security" ? "security updates" : "updates";
  const done = upgraded === 0 ? `no ${what} to install` : `${upgraded} package${upgraded === 1 ? "" : "s"} changed`;
  const left = pending === 0 ? "" : `, ${pending} other upgrade${pending === 1 ? "" : "s"} known`;
  return `${done}${left}${reboot ? "; a reboot is required" : ""}`;
}

function isFetchFailure(error: unknown): boolean {
  return error instanceof MusterError && error.code === "package-fetch-failed";
}
