import { MusterError } from "../../domain/errors/errors.ts";
import type { PatchFailure } from "../../domain/run/patched.ts";
import { fetchCodes } from "../../domain/run/package-source.ts";
import type { RebootNeed } from "../../domain/instance/reboot.ts";
import type { RestartRule } from "../../domain/run/restarts.ts";
import type { PatchPolicy } from "../../domain/role/role.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Machine } from "../../ports/machine.ts";
import type { PackageChange, PackageManager, PackageState, RepositoryLock } from "../../ports/package-manager.ts";
import type { PlannedStep, StageContext, StageResult } from "../../ports/stage-context.ts";
import { act } from "./act.ts";
import { lockNotice, summaryOf } from "./words.ts";
import { restartServices } from "./restart.ts";
import { refreshPatiently } from "./index-stage.ts";
import { goesOn, reportFailure, reportUnread } from "./on-failure.ts";
import { describeStep, pendingAfter, planStep, type PatchStep } from "./plan.ts";
import { unpatched, type IndexResult, type PatchResult } from "./result.ts";

export { indexStage, refreshOnce } from "./index-stage.ts";
export { planRestart } from "./restart.ts";

export type PatchInput = {
  readonly policy: PatchPolicy;
  /** Whether packages stay as they are until the role's patch window. */
  readonly waits?: boolean;
  readonly index: IndexResult;
  /** The config repo could not be reached either: waiting for the package sources gains nothing. */
  readonly offline: boolean;
  /**
   * Whether services may be restarted; decided when it is known whether a reboot is due and whether packages were
   * changed.
   */
  readonly restarts: (need: RebootNeed, changed: boolean) => Promise<RestartRule>;
};

type Ports = { readonly packages: PackageManager; readonly clock: Clock; readonly machine: Machine };

/** A repair, an upgrade with a stale index, the same with a fresh one, and one to spare. */
const maxSteps = 4;
const namesInFacts = 50;

/**
 * Brings the operating system's packages to the state that the role requires, and finds out whether a reboot is due.
 * @throws MusterError as PackageManager.observe, .repair and .upgrade; `patch-unfinished`
 */
export async function patchStage(
  { policy, waits = false, index, offline, restarts }: PatchInput,
  { packages, clock, machine }: Ports,
  context: StageContext,
): Promise<StageResult<PatchResult>> {
  const { scope } = policy;
  if (scope === "none") return skipped("the role does not patch (scope none)", await rebootOf(packages, context));
  if (waits) return skipped("packages wait for the patch window", await rebootOf(packages, context));
  // A transaction of a dead agent may still run, and changes what is observed.
  await packages.resume(context);
  const { left, trouble } = await patched({ policy, index, offline }, { packages, clock }, context);
  const upgraded = [...(await packages.changes(context.run))];
  const reboot = await rebootOf(packages, context);
  const rule = await restarts(reboot, upgraded.length > 0);
  const restarted = [...(await restartServices(rule, { packages, machine }, context))];
  const { pending, excluded, locked } = left ?? { pending: undefined, excluded: [], locked: undefined };
  return {
    value: {
      scope,
      // Not observed: the last patch says how the packages are.
      ...(left === undefined ? {} : { at: clock.now().toISOString() }),
      upgraded,
      pending,
      restarted,
      reboot,
      trouble: [...trouble],
      ...(locked === undefined ? {} : { locked }),
    },
    outcome: upgraded.length + restarted.length === 0 ? "unchanged" : "changed",
    summary: summaryOf({
      scope,
      failed: left === undefined,
      upgraded: upgraded.length,
      pending,
      excluded: excluded.length,
      restarted: restarted.length,
      reboot: reboot.required,
      locked,
    }),
    facts: {
      scope,
      upgraded: upgraded.length,
      ...(pending === undefined ? {} : { pending }),
      ...(trouble.length === 0 ? {} : { trouble: [...new Set(trouble.map(({ code }) => code))] }),
      ...(excluded.length === 0 ? {} : { excluded: excluded.slice(0, namesInFacts) }),
      ...(locked === undefined ? {} : { repositoryVersion: locked.version }),
      ...(locked?.newest === undefined ? {} : { newestRepositoryVersion: locked.newest }),
      rebootRequired: reboot.required,
      ...(upgraded.length === 0 ? {} : { packages: upgraded.slice(0, namesInFacts).map(describeChange) }),
      ...(restarted.length === 0 ? {} : { restarted: restarted.slice(0, namesInFacts) }),
      ...(reboot.required ? { rebootReasons: reboot.reasons } : {}),
    },
  };
}

/** What `patchStage` would do with the index on disk; changes nothing. */
export async function planPatch(
  policy: PatchPolicy,
  { packages }: Pick<Ports, "packages">,
  context: StageContext,
): Promise<readonly PlannedStep[]> {
  if (policy.scope === "none") return [];
  try {
    const step = planStep(await packages.observe(policy, context), policy.scope);
    return step === undefined ? [] : describeStep(step);
  } catch (error) {
    if (!goesOn(error, policy.onFailure)) throw error;
    return [{ text: `leave the packages as they are: ${error.message}` }];
  }
}

/** The result of patching, or undefined if the run goes on after its failure; and why the patch is incomplete. */
async function patched(
  { policy, index, offline }: Pick<PatchInput, "policy" | "index" | "offline">,
  { packages, clock }: Pick<Ports, "packages" | "clock">,
  context: StageContext,
): Promise<{ readonly left?: Left; readonly trouble: readonly PatchFailure[] }> {
  const trouble: PatchFailure[] = [];
  try {
    trouble.push(...(await makeUpForIndex(policy, index, offline, { packages, clock }, context)));
    return { left: await bringUpToDate(policy, packages, context), trouble };
  } catch (error) {
    context.signal.throwIfAborted();
    if (!goesOn(error, policy.onFailure)) throw error;
    reportFailure(error, context);
    return { trouble: [...trouble, { code: error.code }] };
  }
}

/**
 * Refreshes the index unless that is done, and reports unread sources.
 * @throws MusterError if the role holds for that
 */
async function makeUpForIndex(
  policy: PatchPolicy,
  index: IndexResult,
  offline: boolean,
  ports: Pick<Ports, "packages" | "clock">,
  context: StageContext,
): Promise<readonly PatchFailure[]> {
  const { onFailure } = policy;
  const holds = onFailure === "hold";
  // Another version has another index, which has not been read yet.
  const known = index.refreshed && policy.releasever === undefined && !(holds && index.failed.length > 0);
  const { failed, failure } =
    known || offline ? { failed: index.failed } : await refreshPatiently(policy, holds, ports, context);
  reportUnread(failed, onFailure, context);
  const trouble = failed.map(({ source, code }) => ({ source, code }));
  const stale = !index.refreshed && offline ? "the network seems to be gone" : failure?.message;
  if (stale === undefined) return trouble;
  if (holds) throw failure ?? unreadIndex();
  context.warn("package-index-stale", `Updates are judged by the package index of an earlier day: ${stale}`);
  return [...trouble, { code: "package-index-stale" }];
}

/** A run holds for a missing network only if the operator asked for it. */
function unreadIndex(): MusterError {
  return new MusterError({
    code: "package-fetch-failed",
    message: "The package index was not read, because the network seems to be gone, and the role is held for that",
    hint: "Bring the network back, or take patch.onFailure: hold out of the catalogue: muster then judges by the older index.",
    transient: true,
  });
}

/** The upgrades that stay out: how many in all, which because of the role, and because of which lock. */
type Left = { readonly pending: number; readonly excluded: readonly string[]; readonly locked?: RepositoryLock };

async function bringUpToDate(policy: PatchPolicy, packages: PackageManager, context: StageContext): Promise<Left> {
  const { scope } = policy;
  if (scope === "none") return { pending: 0, excluded: [] };
  let refreshed = false;
  for (let count = 0; count < maxSteps; count += 1) {
    context.progress("looking at the packages");
    const state = await packages.observe(policy, context);
    const step = planStep(state, scope);
    if (step === undefined) return leftBy(state, step, context);
    try {
      await act(step, packages, policy, context);
      if (step.kind === "upgrade") return leftBy(state, step, context);
    } catch (error) {
      // The archive has removed the old versions: read the index again, once.
      if (refreshed || !isFetchFailure(error)) throw error;
      refreshed = true;
      context.progress("reading the package index again");
      await packages.refresh(policy, context);
    }
  }
  throw new MusterError({
    code: "patch-unfinished",
    message: "The packages are still not in order after they were repaired",
    hint: `Run "${packages.hints.audit}" on the instance: it names the packages and what is wrong with them.`,
  });
}

function leftBy(state: PackageState, done: PatchStep | undefined, context: StageContext): Left {
  if (state.keptBack.length > 0) {
    const names = state.keptBack.join(", ");
    context.warn(
      "packages-kept-back",
      `Newer versions cannot be installed without removing packages, or not yet: ${names}`,
    );
  }
  const { excluded, locked } = state;
  if (locked !== undefined) context.warn("package-repository-locked", lockNotice(locked));
  return { pending: pendingAfter(state, done), excluded, ...(locked === undefined ? {} : { locked }) };
}

/** As `nginx 1.1 -> 1.2`, or `nginx-data 1.0 (new)`. */
function describeChange({ name, from, to }: PackageChange): string {
  return from === undefined ? `${name} ${to} (new)` : `${name} ${from} -> ${to}`;
}

async function rebootOf(packages: PackageManager, context: StageContext) {
  const { required, reasons, unknown } = await packages.rebootState(context.signal);
  if (unknown !== undefined)
    context.warn("reboot-unknown", `Whether a reboot is due is not known for certain: ${unknown}`);
  return { required, reasons: [...reasons] };
}

function skipped(summary: string, reboot: PatchResult["reboot"]): StageResult<PatchResult> {
  return {
    value: { ...unpatched, reboot },
    outcome: "skipped",
    summary,
    facts: { scope: "none", rebootRequired: reboot.required },
  };
}

function isFetchFailure(error: unknown): boolean {
  return error instanceof MusterError && fetchCodes.some((code) => code === error.code);
}
