import type { DnsRecord, Target } from "../../domain/membership/membership.ts";
import type { MembershipStage } from "../../domain/run/run.ts";
import { zoneText } from "../../domain/membership/zone.ts";
import { formatDuration } from "../../domain/text/units.ts";
import type { Tags } from "../../domain/instance/instance.ts";
import type { DnsChange } from "../../ports/dns.ts";
import type { PlannedStep } from "../../ports/stage-context.ts";

/** One thing to do. Steps are data: `plan.ts` makes them, `act.ts` alone executes them. */
export type Step =
  | { readonly stage: "register"; readonly do: "register"; readonly target: Target; readonly because: string }
  /** Tells Auto Scaling that the instance may serve. */
  | { readonly stage: "register"; readonly do: "launch"; readonly what: string }
  | { readonly stage: "register"; readonly do: "drain"; readonly target: Target }
  | { readonly stage: "register"; readonly do: "remove"; readonly target: Target }
  /** One batch of one zone. */
  | { readonly stage: "dns"; readonly do: "update"; readonly change: DnsChange }
  /** Another owner holds the name: the record stays untouched and the stage fails. */
  | { readonly stage: "dns"; readonly do: "refuse"; readonly record: DnsRecord; readonly owner: string }
  | { readonly stage: "tags"; readonly do: "write"; readonly tags: Tags };

/** One thing to wait for. */
export type Wait =
  | { readonly stage: "register"; readonly for: "healthy"; readonly target: Target; readonly reason: string }
  | {
      readonly stage: "register";
      readonly for: "drained";
      readonly target: Target;
      readonly connections?: number | undefined;
      readonly leftMs: number;
    }
  /** Not every server of the zone has taken the change yet. */
  | { readonly stage: "dns"; readonly for: "dropped"; readonly leftMs: number }
  /** Resolvers that asked before the record went may still send users here. */
  | { readonly stage: "dns"; readonly for: "ttl"; readonly leftMs: number };

export type PhaseName = "gone" | "register" | "launch" | "publish" | "part" | "serve" | "remove" | "tag";

/** Steps and waits that go side by side; the next phase begins when the world shows this one done. */
export type Phase = {
  readonly name: PhaseName;
  readonly steps: readonly Step[];
  readonly waits: readonly Wait[];
};

export function stagesOf(phase: Phase): ReadonlySet<MembershipStage> {
  return new Set([...phase.steps, ...phase.waits].map(({ stage }) => stage));
}

/** Stages whose world has changed, or is expected to. */
export function stagesTouched(phase: Phase | undefined): readonly MembershipStage[] {
  if (phase === undefined) return [];
  const waits = phase.waits.filter((wait) => wait.for !== "ttl");
  return [...phase.steps, ...waits].map(({ stage }) => stage);
}

/** The phases that have a part in these stages, and of each only that part. */
export function onlyOf(phases: readonly Phase[], stages: ReadonlySet<MembershipStage>): readonly Phase[] {
  return phases
    .map((phase) => ({
      ...phase,
      steps: phase.steps.filter(({ stage }) => stages.has(stage)),
      waits: phase.waits.filter(({ stage }) => stages.has(stage)),
    }))
    .filter((phase) => stagesOf(phase).size > 0);
}

/** What has to be seen before a phase of joining may begin: everything that comes before the phase. */
export const neededBy: Readonly<Record<PhaseName, readonly MembershipStage[]>> = {
  gone: ["register"],
  register: ["register"],
  launch: ["register"],
  publish: ["register", "dns"],
  part: ["register", "dns"],
  serve: ["register", "dns"],
  remove: ["register", "dns"],
  tag: ["register", "dns", "tags"],
};

/** The target group or zone of a step or wait, where several of a stage may fail; else its stage. */
export function placeOf(part: Step | Wait): string {
  if ("target" in part) return part.target.group;
  if ("record" in part) return zoneText(part.record);
  const [record] = "change" in part ? [...part.change.publish, ...part.change.withdraw] : [];
  return record === undefined ? part.stage : zoneText(record);
}

/** Whether the step begins to send users elsewhere: from then on drain and TTL are counted. */
export function isParting(step: Step): boolean {
  return step.do === "drain" || (step.do === "update" && step.change.withdraw.length > 0);
}

/** A step as the dry run prints it. */
export function describeStep(step: Step): PlannedStep {
  switch (step.do) {
    case "register":
      return { text: `Register ${targetText(step.target)} (${step.because}) and wait until the balancer says healthy` };
    case "launch":
      return { text: step.what };
    case "drain":
      return { text: `Drain ${targetText(step.target)} for up to ${formatDuration(step.target.drainMs)}` };
    case "remove":
      return { text: `Remove ${targetText(step.target)}` };
    case "update":
      return {
        text: `Update zone ${zoneText(step.change)}`,
        details: [
          ...step.change.publish.map((record) => `publish ${recordText(record)}`),
          ...step.change.withdraw.map((record) => `withdraw ${recordText(record)}`),
        ],
      };
    case "refuse":
      return { text: `Fail: ${step.record.name} is held by ${step.owner} and stays untouched` };
    case "write":
      return {
        text: "Write the state tags",
        details: Object.entries(step.tags).map(([key, value]) => `${key} = ${value}`),
      };
  }
}

/** What the pass waits for, as status and terminal show it. No countdown: status shows since when. */
export function describeWait(wait: Wait): string {
  switch (wait.for) {
    case "healthy":
      return wait.reason;
    case "drained":
      return `draining ${targetText(wait.target)}: ${openConnections(wait.connections)}`;
    case "dropped":
      return "serving on until every name server has dropped the records";
    case "ttl":
      return "serving on until resolvers have forgotten the records";
  }
}

export function targetText(target: Target): string {
  const host = target.address.includes(":") ? `[${target.address}]` : target.address;
  return `${target.group}/${target.member} at ${host}:${target.port}`;
}

export function recordText(record: DnsRecord): string {
  return `${record.name} ${record.ttl} ${record.type} ${record.value}`;
}

function openConnections(count: number | undefined): string {
  if (count === undefined) return "connections may be open";
  return count === 1 ? "1 open connection" : `${count} open connections`;
}
