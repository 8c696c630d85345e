import type { ErrorCode } from "../../domain/errors/error-codes.ts";
import type { ConvergeStep } from "../../domain/role/role.ts";
import type { Endpoints, Target } from "../../domain/membership/membership.ts";
import { zoneKey, zoneNameOf, zoneText, type ZoneName } from "../../domain/membership/zone.ts";
import { packageCaches, stateDirectory } from "../../domain/settings/paths.ts";
import type { Look, Probe, ProbeName } from "../../ports/probe.ts";

/** What the probes look at: a role on this instance. */
export type Subject = {
  readonly role: string;
  readonly steps: readonly ConvergeStep[];
  /** @throws MusterError as `endpointsOf` */
  readonly endpoints: () => Endpoints;
  /** The files of the settings that prove this machine's identity or say which keys to trust, behind their keys. */
  readonly files: readonly (readonly [setting: string, path: string])[];
  /** Whether the launch hook of the group matters: the run is to join, and the settings rely on a hook. */
  readonly reliesOnHook: boolean;
  readonly ask: {
    key(setting: string, path: string, isSecret: boolean, signal: AbortSignal): Promise<unknown>;
    room(path: string, leastBytes: number, signal: AbortSignal): Promise<unknown>;
    /** Whether the group has a launch hook that is muster's. */
    hook(signal: AbortSignal): Promise<unknown>;
    /** Checks a step as the converge stage does. */
    step(at: number, signal: AbortSignal): Promise<void>;
    group(target: Target, signal: AbortSignal): Promise<unknown>;
    zone(zone: ZoneName, signal: AbortSignal): Promise<unknown>;
    /** Whether the cloud takes the keys of the state tags. */
    tags(signal: AbortSignal): Promise<void>;
  };
};

const mebibyte = 1024 * 1024;

const rooms = [
  [stateDirectory, 64 * mebibyte],
  [packageCaches, 256 * mebibyte],
] as const;

/** What the role's own code may put right, if the run is let converge. */
const broughtByConverge: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "dns-key-unreadable",
  "dns-tool-missing",
  "settings-writable-by-others",
]);

const secrets: ReadonlySet<string> = new Set(["config.ssh.key", "config.https.credentials"]);

/** Every probe, in the order of the stages that would fail. docs/preflight.md prints this table. */
export const probes: { readonly [P in ProbeName]: Probe<Subject> } = {
  files: {
    asks: "every file that `config` in the settings names is there, and that other users can neither write it nor read a secret",
    codes: ["key-file-unusable", "settings-writable-by-others"],
    remedy: "put the file there, and give it to root alone",
    looks: ({ files, ask }) =>
      files.map(([setting, path]) => ({
        subject: setting,
        ask: (signal) => ask.key(setting, path, secrets.has(setting), signal),
      })),
    // The config repo was read before this: what is wrong shows with the next fetch.
    decides: () => false,
  },
  disk: {
    asks: "muster's own state has 64 MiB of free disk, and the package manager's downloads 256 MiB",
    codes: ["disk-low"],
    remedy: "make room",
    looks: ({ ask }) =>
      rooms.map(([path, leastBytes]) => ({
        subject: `disk of ${path}`,
        ask: (signal) => ask.room(path, leastBytes, signal),
      })),
    // How much is needed is not known beforehand.
    decides: () => false,
  },
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
    asks: "the target group or HAProxy backend can be asked, exists, and takes this instance: its type, and its VPC",
    codes: [
      "balancer-missing",
      "balancer-socket-missing",
      "balancer-socket-denied",
      "balancer-group-missing",
      "balancer-group-ambiguous",
      "balancer-group-unusable",
      "aws-access-denied",
    ],
    remedy: "create the group or correct its name, allow the call, or start HAProxy",
    looks: balancerLooks,
    decides: () => true,
  },
  zone: {
    asks: "the DNS zone can be asked, exists, is the only one of its name, and takes changes signed with this key",
    codes: [
      "dns-missing",
      "dns-tool-missing",
      "dns-key-unreadable",
      "settings-writable-by-others",
      "dns-refused",
      "dns-zone-missing",
      "dns-zone-ambiguous",
      "aws-access-denied",
    ],
    remedy: "create the zone or correct its name, correct key or program, or allow the call",
    looks: zoneLooks,
    // Names do not decide over service where a balancer sends users to the instance; program and key may come by converging.
    decides: (subject, code) => !broughtByConverge.has(code) && endpointsOrNone(subject).targets.length === 0,
  },
  hook: {
    asks: "the Auto Scaling group has a launch hook of muster's, where `onFailure: abandon` or `lifecycle.hooks` rely on one",
    codes: ["launch-hook-missing", "hooks-unclaimed"],
    remedy: "give the group a launch hook, or name it in `lifecycle.hooks`",
    looks: ({ reliesOnHook, ask }) =>
      reliesOnHook ? [{ subject: "launch hook", ask: (signal) => ask.hook(signal) }] : [],
    // Without a hook it can be taken into service, and not be given up.
    decides: (_subject, code) => code === "hooks-unclaimed",
  },
  tags: {
    asks: "the cloud takes the keys of the state tags, and takes them from this instance (a dry run of `ec2:CreateTags`)",
    codes: ["tags-impossible", "aws-access-denied"],
    remedy: "choose another `tags.prefix`, or allow the call",
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
