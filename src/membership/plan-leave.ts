import { reportOf } from "../domain/errors/errors.ts";
import { shareTime, stopWantedMs } from "../domain/membership/leaving.ts";
import { withinFor, type LeavePlan, type LeaveReason, type LeaveStep } from "../domain/membership/leave-plan.ts";
import type { Wish } from "../domain/membership/membership.ts";
import type { LeavePolicy } from "../domain/role/role.ts";
import { membershipStages } from "../domain/run/run.ts";
import { formatDuration } from "../domain/text/units.ts";
import { observe, type MembershipPorts } from "./reconcile/observe.ts";
import type { Observed } from "./reconcile/plan.ts";
import { targetText, recordText } from "./reconcile/steps.ts";
import { nowhere } from "./wish.ts";

export type LeaveGiven = {
  readonly as: LeaveReason;
  /** Undefined on an instance that was never wanted in service: there is nothing to leave. */
  readonly wish: Wish | undefined;
  readonly policy: LeavePolicy;
  /** The time that systemd gives a shutdown, in milliseconds. */
  readonly shutdownMs: number;
  /** How long the servers of a zone may take to drop a record, in milliseconds. */
  readonly spreadMs: number;
};

/** The steps that leaving would take now, with their times. Observes every endpoint and changes nothing. */
export async function planLeave(given: LeaveGiven, ports: MembershipPorts, signal: AbortSignal): Promise<LeavePlan> {
  const { wish } = given;
  if (wish === undefined) return leavePlan(given, { targets: [], records: [], tags: {} }, []);
  const view = await observe(wish, ports, new Set(membershipStages), signal);
  const unseen = [...view.failures].map(
    ([stage, error]) => `${stage} could not be looked at: ${reportOf(error).message}`,
  );
  return leavePlan(given, view.observed, unseen);
}

/** Pure. */
function leavePlan(given: LeaveGiven, observed: Observed, unseen: readonly string[]): LeavePlan {
  const { as, policy, shutdownMs } = given;
  const stops = as !== "drain";
  const withinMs = withinFor(as, policy, shutdownMs);
  const commands = stops ? policy.beforeStop : [];
  const times = shareTime(withinMs, stopWantedMs({ beforeStop: commands }));
  const { steps, drainMs, forgetMs } = partingOf(given, observed);
  const wantedMs = Math.max(drainMs, forgetMs);
  const serveMs = Math.min(wantedMs, times.serveMs);
  const all: LeaveStep[] = [...steps];
  if (serveMs > 0) all.push({ fromMs: 0, upToMs: serveMs, text: `serve on: ${servingText(drainMs, forgetMs)}` });
  for (const { target, state } of observed.targets) {
    if (state.kind !== "absent") all.push({ fromMs: serveMs, upToMs: 0, text: `remove ${targetText(target)}` });
  }
  all.push({ fromMs: serveMs, upToMs: 0, text: "write the state tags" });
  let fromMs = serveMs;
  for (const { run, timeoutMs } of commands) {
    const upToMs = Math.min(timeoutMs, Math.max(0, withinMs - fromMs));
    all.push({ fromMs, upToMs, text: `run ${"shell" in run ? "a shell line of beforeStop" : run.argv[0]}` });
    fromMs += upToMs;
  }
  if (stops && as !== "shutdown")
    all.push({ fromMs, upToMs: 0, text: "complete the termination hook, where one waits" });
  const cut = wantedMs > times.serveMs ? [cutText(wantedMs, times.serveMs)] : [];
  return {
    as,
    ...(withinMs === Infinity ? {} : { withinMs }),
    steps: all,
    outMs: serveMs,
    ...(stops ? { goneMs: fromMs } : {}),
    warnings: [...unseen, ...cut],
  };
}

function partingOf({ wish, spreadMs }: LeaveGiven, { targets, records }: Observed) {
  const served = targets.filter(({ state }) => state.kind !== "absent");
  const published = records.filter(({ state }) => state.kind === "present" || state.kind === "differs");
  const steps = [
    ...published.map(({ record }) => atOnce(`withdraw ${recordText(record)}`)),
    ...served.map(({ target }) => atOnce(`drain ${targetText(target)}`)),
  ];
  const none = (wish?.places ?? nowhere).targets.length + (wish?.places ?? nowhere).records.length === 0;
  return {
    steps:
      steps.length === 0
        ? [atOnce(none ? "it is in no balancer and no zone" : "it is out of every place already")]
        : steps,
    drainMs: Math.max(0, ...served.map(({ target }) => target.drainMs)),
    forgetMs: Math.max(0, ...published.map(({ record }) => record.ttl * 1000 + spreadMs)),
  };
}

function atOnce(text: string): LeaveStep {
  return { fromMs: 0, upToMs: 0, text };
}

function servingText(drainMs: number, forgetMs: number): string {
  const drain = drainMs > 0 ? [`open connections have ${formatDuration(drainMs)}`] : [];
  const forget = forgetMs > 0 ? [`resolvers forget the names within ${formatDuration(forgetMs)}`] : [];
  return [...drain, ...forget].join(", ");
}

function cutText(wantedMs: number, serveMs: number): string {
  return `Users are served for ${formatDuration(serveMs)} of the ${formatDuration(wantedMs)} that drain and TTL want`;
}
