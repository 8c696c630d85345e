import { reportOf } from "../../domain/errors/errors.ts";
import { createDeadline } from "../../lib/async/deadline.ts";
import type { DaemonDeps } from "../deps.ts";

/** How long to publish changed endpoints before the reconciler goes on with them, in milliseconds. */
const reconcileMs = 60_000;

/**
 * Reconciles a wish that was just changed. The reconciler goes on with what fails or takes longer.
 * @param what the changed endpoints in words, as `The names that the tags ask for`
 */
export async function publishNow(
  what: string,
  { membership, clock, bus }: Pick<DaemonDeps, "membership" | "clock" | "bus">,
  signal: AbortSignal,
): Promise<void> {
  const deadline = createDeadline(reconcileMs, clock, signal);
  try {
    await membership.reconcile({ signal: deadline.signal, listen: (event) => bus.emit(event) });
  } catch (error) {
    signal.throwIfAborted();
    const { code, message } = reportOf(error);
    const text = deadline.isOver() ? "no answer came in time" : message;
    bus.emit({
      type: "notice",
      level: "warning",
      code: deadline.isOver() ? "membership-unsettled" : code,
      text: `${what} are not published yet: ${text}`,
    });
  } finally {
    deadline.end();
  }
}
