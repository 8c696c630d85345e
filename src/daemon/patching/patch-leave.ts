import { reportOf } from "../../domain/errors/errors.ts";
import { hasOwnStandby, standAside } from "../../scaling-group/standby.ts";
import type { DaemonDeps } from "../deps.ts";

type Deps = Pick<DaemonDeps, "executor" | "membership" | "status" | "lifecycle" | "files" | "bus">;

/** The reason of the wish, for status, tags and the log. */
const reason = "patching in its window";

/** A patch waits for its turn without a limit. */
const waitMs = Number.POSITIVE_INFINITY;

/**
 * Takes the instance out of service to patch it. It enters standby first: otherwise its Auto Scaling group would
 * replace the instance when the balancer calls it unhealthy. A failure is undone.
 * @throws MusterError `standby-refused`, and as Lifecycle and Membership.reconcile
 */
export async function leaveToPatch(deps: Deps, signal: AbortSignal): Promise<void> {
  try {
    await standAside(deps, signal);
    await deps.executor.membership({ want: "out", by: "patch", reason }, waitMs, ignore, signal);
  } catch (error) {
    signal.throwIfAborted();
    await comeBack(deps, signal);
    throw error;
  }
}

/** Makes the run that patches an instance that has left: it may reboot, passes the gates, and joins again. */
export async function patchOutside(deps: Deps, signal: AbortSignal): Promise<void> {
  // A stronger wish may have taken over meanwhile: then there is no patch to make.
  if (!isOutToPatch(deps)) return;
  await deps.executor.run({ cause: "patch", dryRun: false }, waitMs, ignore, signal);
}

/** Continues a patch leave that was interrupted. @throws as `leaveToPatch` */
export async function goOn(deps: Deps, signal: AbortSignal): Promise<undefined> {
  if (isOutToPatch(deps)) await leaveToPatch(deps, signal);
  await patchOutside(deps, signal);
}

/** Continues a patch leave after the agent died. After a reboot, the boot run has already brought the instance back. */
export async function finishPatchLeave(deps: Deps, signal: AbortSignal): Promise<void> {
  try {
    await goOn(deps, signal);
  } catch (error) {
    signal.throwIfAborted();
    reportFailure(deps, error);
  }
}

/** Undoes a patch leave that did not begin: the wish and the standby. A failure is reported and retried. */
async function comeBack(deps: Deps, signal: AbortSignal): Promise<void> {
  const { executor, membership, files } = deps;
  try {
    if (membership.status().wish?.want === "in" && !(await hasOwnStandby({ files }))) return;
    await executor.membership({ want: "in", by: "patch", reason: "it was not patched" }, waitMs, ignore, signal);
  } catch (error) {
    signal.throwIfAborted();
    reportFailure(deps, error);
  }
}

/** For a serving instance whose agent died before it left: it may be in standby already. */
export async function comeBackIfServing(deps: Deps, signal: AbortSignal): Promise<void> {
  if (deps.membership.status().wish?.want === "in") await comeBack(deps, signal);
}

/** Whether the instance is out to be patched and has to be brought on. A held instance has retries of its own. */
export function isOutToPatch({ membership, status }: Deps): boolean {
  const { wish } = membership.status();
  const { state, bootId } = status.current();
  return wish?.want === "out" && wish.by === "patch" && wish.bootId === bootId && state !== "held";
}

function reportFailure({ bus }: Pick<Deps, "bus">, error: unknown): void {
  const { code, message } = reportOf(error);
  bus.emit({ type: "notice", level: "warning", code, text: `Patching in service: ${message}` });
}

function ignore(): void {
  // The bus delivers these events to the listeners.
}
