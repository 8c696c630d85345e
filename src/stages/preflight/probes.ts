import type { ConvergeStep } from "../../domain/role/role.ts";
import type { Endpoints, Target } from "../../domain/membership/membership.ts";
import { zoneKey, zoneNameOf, zoneText, type ZoneName } from "../../domain/membership/zone.ts";
import type { Look, Probe, ProbeName } from "../../ports/probe.ts";

/** What the probes look at: a role on this instance. */
export type Subject = {
  readonly role: string;
  readonly steps: readonly ConvergeStep[];
  /** @throws MusterError as `endpointsOf` */
  readonly endpoints: () => Endpoints;
  readonly ask: {
    /** Checks a step as the converge stage does. */
    step(at: number, signal: AbortSignal): Promise<void>;
    group(target: Target, signal: AbortSignal): Promise<unknown>;
    zone(zone: ZoneName, signal: AbortSignal): Promise<unknown>;
    /** Whether the cloud takes the keys of the state tags. */
    tags(signal: AbortSignal): Promise<void>;
  };
};

/** Every probe, in the order of the stages that would fail. docs/preflight.md prints this table. */
export const probes: { readonly [P in ProbeName]: Probe<Subject> } = {
  address: {
    asks: "the instance has the addresses and values that the role's targets and records need",
    codes: ["instance-no-address", "template-no-value", "dns-name-invalid", "dns-value-invalid"],
    remedy: "give the instance an address of that family, or correct the role",
    looks: ({ role, endpoints }) => [{ subject: `role ${role}`, ask: async () => endpoints() }],
    decides: () => true,
  },
  engine: {
    asks: "the engine is installed, and the files that its steps name are in the commit",
    codes: ["engine-missing", "converge-file-missing"],
    remedy: "install the engine in the image, or correct the step",
    looks: ({ steps, ask }) =>
      steps.map(({ engine }, at) => ({
        subject: `converge step ${at + 1} (${engine})`,
        ask: (signal) => ask.step(at, signal),
      })),
    decides: () => true,
  },
  balancer: {
    asks: "the target group or HAProxy backend can be asked, exists, and takes instances",
    codes: [
      "balancer-missing",
      "balancer-group-missing",
      "balancer-group-ambiguous",
      "balancer-group-unusable",
      "aws-access-denied",
    ],
    remedy: "create the group or correct its name, or allow the call",
    looks: balancerLooks,
    decides: () => true,
  },
  zone: {
    asks: "the DNS zone can be asked, exists, and is the only one of its name",
    codes: ["dns-missing", "dns-tool-missing", "dns-zone-missing", "dns-zone-ambiguous", "aws-access-denied"],
    remedy: "create the zone or correct its name, or allow the call",
    looks: zoneLooks,
    // Names do not decide over service where a balancer sends users to the instance.
    decides: (subject) => endpointsOrNone(subject).targets.length === 0,
  },
  tags: {
    asks: "the cloud takes the keys of the state tags",
    codes: ["tags-impossible"],
    remedy: "choose another `tags.prefix`",
    looks: ({ ask }) => [{ subject: "state tags", ask: (signal) => ask.tags(signal) }],
    // State tags never decide over service.
    decides: () => false,
  },
};

function balancerLooks(subject: Subject): readonly Look[] {
  const byGroup = new Map(endpointsOrNone(subject).targets.map((target) => [target.group, target]));
  return [...byGroup].map(([group, target]) => ({
    subject: `balancer group ${group}`,
    ask: (signal) => subject.ask.group(target, signal),
  }));
}

function zoneLooks(subject: Subject): readonly Look[] {
  const { records } = endpointsOrNone(subject);
  const zones = new Map(records.map((record) => [zoneKey(record), zoneNameOf(record)]));
  return [...zones.values()].map((zone) => ({
    subject: `zone ${zoneText(zone)}`,
    ask: (signal) => subject.ask.zone(zone, signal),
  }));
}

/** The probe of the addresses reports why there are none. */
function endpointsOrNone({ endpoints }: Subject): Endpoints {
  try {
    return endpoints();
  } catch {
    return { targets: [], records: [] };
  }
}
