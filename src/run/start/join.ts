import { reportOf, type MusterError } from "../../domain/errors/errors.ts";
import type { Identity } from "../../domain/instance/instance.ts";
import type { Endpoints, Wish } from "../../domain/membership/membership.ts";
import { isOutage } from "../../domain/errors/outage.ts";
import type { RunEnd } from "../../domain/run/run.ts";
import { membershipStages, type StageName } from "../../domain/run/run.ts";
import type { Role } from "../../domain/role/role.ts";
import type { TagNaming } from "../../domain/settings/settings.ts";
import { endpointsOf, heldBy } from "../../membership/endpoints.ts";
import type { MembershipListener } from "../../membership/reconcile/report.ts";
import { MembershipError } from "../../membership/reconcile/act.ts";
import type { WishRequest } from "../../membership/wish.ts";
import type { GroupMembership } from "../../ports/lifecycle.ts";
import type { StageContext } from "../../ports/stage-context.ts";
import type { RunDeps } from "../spine/deps.ts";
import { isPutOff, sayPutOff } from "../state/put-off.ts";
import { byOf, keptOut } from "./kept-out.ts";
import {
  isWarm,
  keptOutByGroup,
  observeGroup,
  pendingLaunch,
  warnAboutHooks,
} from "../../scaling-group/launch-hook.ts";
import { forgetStandby, isStandby } from "../../scaling-group/standby.ts";
import { contextOf, skip, StageFailure, type Run } from "../spine/step.ts";

/** The inputs of joining. */
export type Joining = {
  readonly role: Role;
  readonly environment: string;
  readonly identity: Identity;
  readonly commit: string;
  /** The DNS names that its tags ask for. */
  readonly naming: TagNaming;
};

/**
 * The end of the spine: every gate passed, so the run wants the instance in service and reconciles, unless an operator
 * took the instance out: a run never overrules a person. A launch hook that waits is completed on the way, as a step of
 * membership's plan. Names and tags that cannot be written keep no instance out of service.
 * @throws StageFailure of the membership stage that failed
 */
export async function join(run: Run, joining: Joining, deps: RunDeps): Promise<RunEnd> {
  const stages = membershipStages.filter((stage) => run.stages.has(stage));
  if (stages.length === 0) {
    for (const stage of membershipStages) skip(run, stage, "not asked for");
    return { kind: "done", changed: run.journal.state.changed };
  }
  const { wish } = deps.membership.status();
  const by = byOf(run.journal.state.started.request.cause);
  if (wish !== undefined && keptOut(wish, deps.bootId, by)) return stayOut(run, wish);
  let launched = false;
  try {
    const outageLimitMs = patienceOf(run, wish, deps);
    const context = contextOf(run, "register");
    const { group, endpoints } = await observeGroupOf(run, context, endpointsFor(joining), outageLimitMs, deps);
    if (!isStandby(group?.state)) await forgetStandby(deps);
    const reason = await keptOutByGroup(group, deps);
    if (reason !== undefined) return await stayOutForGroup(run, reason, group, deps);
    if (wish?.want !== "in" || wish.bootId !== deps.bootId) warnAboutHooks(context, group, deps.settings);
    await deps.membership.want(wishFor(run, joining, endpoints, deps));
    const launch = await pendingLaunch(group, deps, () => void (launched = true));
    const { signal } = run;
    const reconciled = await watching(run, (listen) =>
      deps.membership.reconcile({ signal, listen, stages, launch, outageLimitMs }),
    );
    const changed = run.journal.state.changed || (reconciled.kind === "agrees" && reconciled.changed);
    if (reconciled.kind === "superseded") return { kind: "done", changed, note: supersededBy(deps) };
    if (stages.length === membershipStages.length) run.emit({ type: "membership-pending" });
    return stages.length === membershipStages.length ? { kind: "in-service", changed } : { kind: "done", changed };
  } catch (error) {
    // An instance that serves goes on serving: by its name alone, and while its balancer does not answer.
    const wanted = deps.membership.status().wish?.want === "in";
    const isKept = run.serving && error instanceof MembershipError && (error.stage !== "register" || isOutage(error));
    if (wanted && (isPutOff(error) || isKept)) {
      sayPutOff(error, "In service", deps, run.emit);
      return { kind: "in-service", changed: true };
    }
    if (run.wantedBefore && isOutage(error)) return await stayAsBefore(run, error, deps);
    if (error instanceof MembershipError) throw new StageFailure(error.stage, error, launched);
    // An error before the wish was made is the failure of the first stage.
    throw new StageFailure("register", error);
  }
}

/**
 * How long an outage may last, in milliseconds; undefined: as long as any other failure. An instance that this boot has
 * told to join may be in a target: the run of an agent that died goes on, and waits.
 */
function patienceOf({ wantedBefore, serving }: Run, wish: Wish | undefined, { bootId }: RunDeps): number | undefined {
  if (wantedBefore || serving) return asBeforeMs;
  return wish?.want === "in" && wish.bootId === bootId ? Infinity : undefined;
}

/** The group, and where it registers the instance. No group waits for an instance that serves, or registers it again. */
async function observeGroupOf(
  run: Run,
  context: StageContext,
  wanted: Endpoints,
  outageLimitMs: number | undefined,
  deps: RunDeps,
): ReturnType<typeof observeGroup> {
  try {
    return await observeGroup(context, wanted, outageLimitMs, deps);
  } catch (error) {
    if (!run.serving || !isOutage(error)) throw error;
    context.warn(error.code, `The Auto Scaling group was not asked, and the instance serves on: ${error.message}`);
    return { group: undefined, endpoints: wanted };
  }
}

/** Reports commands and calls under the stage that was reported last: joining works one stage after the other. */
async function watching<T>(run: Run, work: (listen: MembershipListener) => Promise<T>): Promise<T> {
  let stage: StageName = "register";
  return run.commands.during(
    (news) => run.emit({ ...news, stage }),
    () =>
      work((event) => {
        if (event.type === "stage-started" || event.type === "stage-progress") stage = event.stage;
        run.emit(event);
      }),
  );
}

/** The endpoints that the role gives this instance. @throws MusterError as `endpointsOf` */
export function endpointsFor({ role, environment, identity, naming }: Omit<Joining, "commit">): Endpoints {
  return endpointsOf(role, { role: role.name, environment, identity }, naming);
}

/** The wish that this run would make; for the dry run too. */
export function wishFor(run: Pick<Run, "id">, joining: Joining, endpoints: Endpoints, deps: RunDeps): WishRequest {
  const { identity, commit } = joining;
  const { instance } = identity;
  const former = deps.membership.status().wish;
  const reason = "every gate passed";
  // A run without changes leaves the tags alone: they name the run that made the present state.
  const same = former?.want === "in" && former.bootId === deps.bootId && former.tags["commit"] === commit;
  return {
    want: "in",
    by: "run",
    reason,
    bootId: deps.bootId,
    places: endpoints,
    held: heldBy(instance),
    owner: { account: instance.account, region: instance.region, instance: instance.id },
    tags: same ? former.tags : { state: "in-service", reason, commit, run: run.id },
  };
}

/** Why an instance stays out, and what brings it back. */
export function noteOf({ by, reason }: Wish): string {
  const byItself = by === "patch" || by === "health" || by === "notice";
  return `${reason}; ${byItself ? "it comes back by itself when that is over" : "muster join brings it back"}`;
}

function stayOut(run: Run, wish: Wish): RunEnd {
  const note = noteOf(wish);
  for (const stage of membershipStages) skip(run, stage, note);
  return { kind: "done", changed: run.journal.state.changed, note };
}

/** The instance is ready, but its group does not want it in service: it leaves its endpoints, and its launch goes on. */
async function stayOutForGroup(
  run: Run,
  note: string,
  group: GroupMembership | undefined,
  deps: RunDeps,
): Promise<RunEnd> {
  await deps.membership.want({ want: "out", by: "run", reason: note, bootId: deps.bootId });
  let changed = run.journal.state.changed;
  try {
    const reconciled = await deps.membership.reconcile({ signal: run.signal, listen: run.emit });
    changed ||= reconciled.kind === "agrees" && reconciled.changed;
    run.emit({ type: "membership-pending" });
  } catch (error) {
    if (!isPutOff(error)) throw error;
    sayPutOff(error, "Out of service", deps, run.emit);
    changed = true;
  }
  await (await pendingLaunch(group, deps))?.complete(run.signal);
  return { kind: "done", changed, note, ...(isWarm(group?.state) ? { parked: true } : {}) };
}

/**
 * How long an outage may last before an instance that serves, or served before the boot, counts as in service, in
 * milliseconds: units that are ordered after muster-ready.target wait for this.
 */
const asBeforeMs = 60_000;

/**
 * An outage does not take out an instance that served before the boot and has passed every gate: balancer and names
 * decide by their own checks. The wish counts for this boot, and the daemon goes on reconciling it.
 */
async function stayAsBefore(run: Run, error: MusterError, deps: RunDeps): Promise<RunEnd> {
  const { wish } = deps.membership.status();
  if (wish?.want === "in" && wish.bootId !== deps.bootId) {
    const { reason, tags } = wish;
    await deps.membership.want({ want: "in", by: "run", reason, bootId: deps.bootId, tags });
  }
  const note = `every gate passed; membership stays as it was before the boot, because it cannot be asked about: ${reportOf(error).message}`;
  return { kind: "unconfirmed", changed: run.journal.state.changed, note };
}

function supersededBy(deps: RunDeps): string {
  return deps.membership.status().wish?.reason ?? "the wish was withdrawn";
}
