import type { Wish } from "../domain/membership.ts";
import type { MembershipStage } from "../domain/run.ts";
import { plan } from "./plan.ts";
import type { Observed, PlanFacts } from "./plan.ts";
import { stagesOf } from "./steps.ts";
import type { Phase, PhaseName } from "./steps.ts";
import { targetKey } from "./wish.ts";
import type { Work } from "./work.ts";

/**
 * The phases that may be worked now. Joining looks at one stage after the other, only as far as it has
 * come: what comes later may be out of reach for now. Leaving looks at all at once, and a stage that
 * cannot be seen stops only itself.
 */
export async function nextPhases(work: Work, active: readonly MembershipStage[]): Promise<readonly Phase[]> {
  if (work.wish.want === "out") {
    await work.sight.look(active, work.signal);
    return await planned(work, active);
  }
  let phases: readonly Phase[] = [];
  for (const stage of active) {
    await work.sight.look([stage], work.signal);
    const unseen = active.filter((one) => !work.sight.seen(one));
    phases = (await planned(work, active)).filter(({ name }) => !neededBy[name].some((one) => unseen.includes(one)));
    if (phases.length > 0 || !work.sight.seen(stage)) break;
  }
  return phases;
}

async function planned(work: Work, active: readonly MembershipStage[]): Promise<readonly Phase[]> {
  const observed = work.sight.observed();
  // Drained by somebody else, or by a muster whose notes are lost: its connections get their time from now.
  if (work.partedMs() === Infinity && drainsUnwanted(work.wish, observed)) await work.beginParting();
  const { serveLimitMs, tagPrefix } = work;
  const launch = work.launched ? undefined : work.launch?.what;
  const facts = { partedMs: work.partedMs(), serveLimitMs, tagPrefix, passing: work.passing(), launch };
  return planFor(work.wish, observed, facts, new Set(active.filter((stage) => work.sight.seen(stage))));
}

/** Stages that have something left to do, or are not looked at yet. */
export function openStages(
  work: Work,
  active: readonly MembershipStage[],
  phases: readonly Phase[],
): ReadonlySet<MembershipStage> {
  const unseen = active.filter((stage) => !work.sight.seen(stage));
  return new Set([...phases.flatMap((phase) => [...stagesOf(phase)]), ...unseen]);
}

/** Stages whose world has changed, or is expected to. */
export function stagesTouched(phase: Phase | undefined): readonly MembershipStage[] {
  if (phase === undefined) return [];
  const waits = phase.waits.filter((wait) => wait.for !== "ttl");
  return [...phase.steps, ...waits].map(({ stage }) => stage);
}

function drainsUnwanted(wish: Wish, observed: Observed): boolean {
  const wanted = new Set(wish.want === "in" ? wish.places.targets.map(targetKey) : []);
  return observed.targets.some(({ target, state }) => state.kind === "draining" && !wanted.has(targetKey(target)));
}

/** The phases of the plan that have a part in these stages, and of each only that part. */
function planFor(
  wish: Wish,
  observed: Observed,
  facts: PlanFacts,
  stages: ReadonlySet<MembershipStage>,
): readonly Phase[] {
  return plan(wish, observed, facts)
    .map((phase) => ({
      ...phase,
      steps: phase.steps.filter(({ stage }) => stages.has(stage)),
      waits: phase.waits.filter(({ stage }) => stages.has(stage)),
    }))
    .filter((phase) => stagesOf(phase).size > 0);
}

/** What has to be known before a phase of joining may begin: all that comes before it. */
const neededBy: Readonly<Record<PhaseName, readonly MembershipStage[]>> = {
  register: ["register"],
  launch: ["register"],
  publish: ["register", "dns"],
  part: ["register", "dns"],
  serve: ["register", "dns"],
  remove: ["register", "dns"],
  tag: ["register", "dns", "tags"],
};
