import type { Identity } from "../domain/instance.ts";
import type { Wish } from "../domain/membership.ts";
import type { RunEnd } from "../domain/run.ts";
import { membershipStages } from "../domain/run.ts";
import type { Role } from "../domain/role.ts";
import { placesOf } from "../membership/places.ts";
import { MembershipError } from "../membership/troubles.ts";
import type { WishRequest } from "../membership/wish.ts";
import type { RunDeps } from "./deps.ts";
import { keptOut } from "./kept-out.ts";
import { skip, StageFailure, type Run } from "./step.ts";

/** What joining is made from. */
export type Joining = {
  readonly role: Role;
  readonly environment: string;
  readonly identity: Identity;
  readonly commit: string;
};

/**
 * The end of the spine: every gate passed, so the instance is wished into service and the world is made to
 * agree, unless an operator took it out: a run never overrules a person.
 * @throws StageFailure of the membership stage that failed
 */
export async function join(run: Run, joining: Joining, deps: RunDeps): Promise<RunEnd> {
  const stages = membershipStages.filter((stage) => run.stages.has(stage));
  if (stages.length === 0) {
    for (const stage of membershipStages) skip(run, stage, "not asked for");
    return { kind: "done", changed: run.journal.state.changed };
  }
  const { wish } = deps.membership.status();
  if (wish !== undefined && keptOut(wish, deps.bootId)) return stayOut(run, wish);
  try {
    await deps.membership.want(wishFor(run, joining, deps));
    const settled = await deps.membership.settle({ signal: run.signal, listen: run.emit, stages });
    const changed = run.journal.state.changed || (settled.kind === "settled" && settled.changed);
    if (settled.kind === "superseded") return { kind: "done", changed, note: supersededBy(deps) };
    return stages.length === membershipStages.length ? { kind: "in-service", changed } : { kind: "done", changed };
  } catch (error) {
    if (error instanceof MembershipError) throw new StageFailure(error.stage, error);
    // What the wish cannot even be made from is the first stage's failure.
    throw new StageFailure("register", error);
  }
}

/** The wish that this run would make; for the dry run too. */
export function wishFor(run: Pick<Run, "id">, joining: Joining, deps: RunDeps): WishRequest {
  const { role, environment, identity, commit } = joining;
  const { instance } = identity;
  const former = deps.membership.status().wish;
  const reason = "every gate passed";
  // A run that finds everything as it was leaves the tags alone: they name the run that brought it here.
  const same = former?.want === "in" && former.bootId === deps.bootId && former.tags["commit"] === commit;
  return {
    want: "in",
    by: "run",
    reason,
    bootId: deps.bootId,
    places: placesOf(role, { role: role.name, environment, identity }),
    owner: { account: instance.account, region: instance.region, instance: instance.id },
    tags: same ? former.tags : { state: "in-service", reason, commit, run: run.id },
  };
}

/** Why an instance stays out, and what to do about it. */
export function noteOf(wish: Wish): string {
  return `${wish.reason}; muster join brings it back`;
}

function stayOut(run: Run, wish: Wish): RunEnd {
  const note = noteOf(wish);
  for (const stage of membershipStages) skip(run, stage, note);
  return { kind: "done", changed: run.journal.state.changed, note };
}

function supersededBy(deps: RunDeps): string {
  return deps.membership.status().wish?.reason ?? "the wish was withdrawn";
}
