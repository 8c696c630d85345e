import { reportOf } from "../../domain/errors.ts";
import { hasOwnStandby, standAside } from "../../scaling-group/standby.ts";
import type { DaemonDeps } from "../deps.ts";

type Deps = Pick<DaemonDeps, "executor" | "membership" | "status" | "lifecycle" | "files" | "bus">;

/** Of the wish, so of status, tags and the log. */
const reason = "patching in its window";

/** What asks for a turn in the daemon gets one. */
const waitMs = Number.POSITIVE_INFINITY;

/**
 * Takes the instance out of service to be patched: its Auto Scaling group lets it go first, or would replace what the
 * balancer no longer calls healthy. What fails is taken back.
 * @throws MusterError `standby-refused`, and as Lifecycle and Membership.settle
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

/** The run that patches an instance that was let go: it may reboot, passes the gates, and joins again. */
export async function patchOutside(deps: Deps, signal: AbortSignal): Promise<void> {
  // Who is stronger may have taken it meanwhile: then nobody waits for a patch.
  if (!isOutToPatch(deps)) return;
  await deps.executor.run({ cause: "patch", dryRun: false }, waitMs, ignore, signal);
}

/** Goes on where somebody left off who has left service to patch. @throws as `leaveToPatch` */
export async function goOn(deps: Deps, signal: AbortSignal): Promise<undefined> {
  if (isOutToPatch(deps)) await leaveToPatch(deps, signal);
  await patchOutside(deps, signal);
}

/** The same after an agent that died. What a machine that went down left, its boot run has brought back. */
export async function finishPatchLeave(deps: Deps, signal: AbortSignal): Promise<void> {
  try {
    await goOn(deps, signal);
  } catch (error) {
    signal.throwIfAborted();
    reportFailure(deps, error);
  }
}

/** Back from where nothing was begun: of the wish, and of the standby. What fails is said, and tried again. */
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

/** An instance that serves, and whose agent died before it left: it may be in standby already. */
export async function comeBackIfServing(deps: Deps, signal: AbortSignal): Promise<void> {
  if (deps.membership.status().wish?.want === "in") await comeBack(deps, signal);
}

/** Whether it is outside to be patched, and nobody else goes on: one that is held is tried again by itself. */
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
  // Whoever follows the events hears of it on the bus.
}
