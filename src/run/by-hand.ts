import type { RunEnd, RunRequest } from "../domain/run.ts";
import type { MembershipRequest } from "../ports/agent.ts";
import { readApplied } from "./applied.ts";
import { forgetBeforeStop } from "./before-stop.ts";
import { keptOut } from "./kept-out.ts";
import type { MakeRunDeps } from "./make-run.ts";

/**
 * Brings the instance back, unless somebody stronger keeps it out: the gates are passed again, then it joins. What
 * was converged before need not be converged again; an instance that never was, or is held, gets a whole run.
 */
export async function comeBack(
  deps: MakeRunDeps,
  { by }: Pick<MembershipRequest, "by">,
  run: (request: RunRequest) => Promise<RunEnd>,
): Promise<RunEnd> {
  const { membership, bootId } = deps;
  const { wish } = membership.status();
  if (wish !== undefined && keptOut(wish, bootId, by)) return { kind: "done", changed: false, note: wish.reason };
  // A drain is taken back before the gates: one that does not pass yet is retried, as for any other instance.
  if (keptOut(wish, bootId)) {
    await membership.want({ want: "out", by: "run", reason: "joining: the gates come first", bootId });
  }
  await forgetBeforeStop(deps, deps.duty.current()?.role.leave.beforeStop ?? []);
  const applied = await readApplied(deps.files);
  const whole = applied === undefined || deps.status.current().state === "held";
  return run({
    cause: by === "operator" ? "manual" : "return",
    dryRun: false,
    ...(whole ? {} : { stages: ["health", "register", "dns", "tags"], ref: applied.commit, role: applied.role }),
  });
}
