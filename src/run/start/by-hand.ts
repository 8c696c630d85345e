import { MusterError } from "../../domain/errors/errors.ts";
import type { Cause, RunEnd, RunRequest } from "../../domain/run/run.ts";
import type { MembershipRequest } from "../../ports/agent.ts";
import { readApplied } from "../spine/applied.ts";
import { forgetBeforeStop } from "../leave/before-stop.ts";
import { keptOut } from "./kept-out.ts";
import type { MakeRunDeps } from "../spine/make-run.ts";
import { changeState } from "../state/change-state.ts";

type Join = (request: RunRequest) => Promise<RunEnd>;

/**
 * Brings the instance back, unless a stronger request keeps it out: it passes the gates again, then it joins. What
 * was converged before need not be converged again; an instance that never was, or is held, gets a whole run.
 */
export async function comeBack(deps: MakeRunDeps, { by }: Pick<MembershipRequest, "by">, run: Join): Promise<RunEnd> {
  const { membership, bootId } = deps;
  const { wish } = membership.status();
  if (wish !== undefined && keptOut(wish, bootId, by)) return { kind: "done", changed: false, note: wish.reason };
  // A drain is withdrawn before the gates: a failing gate is retried, as for any other instance.
  if (keptOut(wish, bootId)) {
    await membership.want({ want: "out", by: "run", reason: "joining: the gates come first", bootId, joining: true });
  }
  return rejoin(deps, by === "operator" ? "manual" : "return", run);
}

/** Continues a return that the death of the agent interrupted; undefined without one. */
export async function takeUpJoin(deps: MakeRunDeps, run: Join): Promise<RunEnd | undefined> {
  return isJoining(deps) ? rejoin(deps, "return", run) : undefined;
}

function isJoining({ membership, bootId }: MakeRunDeps): boolean {
  const { wish } = membership.status();
  return wish?.want === "out" && wish.joining === true && wish.bootId === bootId;
}

async function rejoin(deps: MakeRunDeps, cause: Cause, run: Join): Promise<RunEnd> {
  try {
    await forgetBeforeStop(deps, deps.duty.current()?.role.leave.beforeStop ?? []);
    const applied = await readApplied(deps.files);
    const whole = applied === undefined || deps.status.current().state === "held";
    return await run({
      cause,
      dryRun: false,
      ...(whole ? {} : { stages: ["health", "register", "dns", "tags"], ref: applied.commit, role: applied.role }),
    });
  } catch (error) {
    // Only a held instance is tried again, and a run that could not begin has not held this one.
    if (error instanceof MusterError && isJoining(deps)) {
      changeState(deps, { trigger: "run-impossible", reason: error.message, brief: error.code });
    }
    throw error;
  }
}
