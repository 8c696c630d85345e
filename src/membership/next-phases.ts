import type { Wish } from "../domain/membership.ts";
import type { MembershipStage } from "../domain/run.ts";
import { cutShort, isCleared, plan } from "./plan.ts";
import type { Observed, PlanFacts } from "./plan.ts";
import { describeWait, stagesOf } from "./steps.ts";
import type { Phase, PhaseName } from "./steps.ts";
import { targetKey } from "./wish.ts";
import type { Work } from "./work.ts";

/**
 * The phases that may be worked now. Joining looks at one stage after the other, only as far as it has
 * come: what comes later may be out of reach for now. Leaving looks at all at once, and a place that cannot be
 * seen stops only itself.
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
  if (work.clearedMs() === undefined && active.includes("dns") && work.partedMs() < Infinity) {
    if (isCleared(work.wish, observed)) await work.noteCleared();
  }
  const { tagPrefix } = work;
  const launch = work.launched ? undefined : work.launch?.what;
  const passing = work.passing();
  const facts = {
    partedMs: work.partedMs(),
    clearedMs: work.clearedMs() ?? 0,
    serveLeftMs: work.serveLeftMs(),
    tagPrefix,
    passing,
    launch,
  };
  tellCutShort(work, observed, facts);
  return planFor(work.wish, observed, facts, new Set(active.filter((stage) => isPlannable(work, stage))));
}

/** Tags that could not be read would be written each time; of places, what was seen can be left. */
function isPlannable({ wish, sight }: Work, stage: MembershipStage): boolean {
  return sight.seen(stage) || (wish.want === "out" && stage !== "tags");
}

/** Says once what there is no time for. An instance that serves nobody cuts nobody short. */
function tellCutShort(work: Work, observed: Observed, facts: PlanFacts): void {
  if (work.cutShort || work.serveLimitMs <= 0) return;
  const left = cutShort(work.wish, observed, facts);
  if (left.length === 0) return;
  work.cutShort = true;
  const text = `Leaving goes on although there was no time to wait: ${left.map(describeWait).join("; ")}`;
  work.listen({ type: "notice", level: "warning", code: "leave-cut-short", text });
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
