import type { Check, CommandLine } from "../health/check.ts";
import type { Problem } from "../settings/problem.ts";

/** The catalogue: `muster.yaml` at the root of the config repo, validated. */
export type Catalogue = {
  readonly version: 1;
  readonly roles: Readonly<Record<string, Role>>;
  /** Former names of keys that a role uses, by its name; absent: none. */
  readonly formerKeys?: Readonly<Record<string, readonly Problem[]>>;
};

export type PatchScope = "security" | "all" | "none";

/** When a run reboots the machine. */
export type RebootPolicy = "when-required" | "always" | "never";

/** What a failed patch does to the run. */
export type PatchFailureRule = "continue" | "hold";

export type PatchPolicy = {
  readonly scope: PatchScope;
  /** Names of packages, or globs of them (`*`, `?`), that stay as they are. */
  readonly exclude: readonly string[];
  /** Which version of its repositories a distribution with locked ones upgrades to; absent: the one it is locked to. */
  readonly releasever?: string;
  readonly reboot: RebootPolicy;
  /** How long one package transaction may take, in milliseconds. */
  readonly timeoutMs: number;
  /** What a failure does to the run; absent: it goes on past a broken index, and is held for a broken dpkg or rpm. */
  readonly onFailure?: PatchFailureRule;
};

/**
 * What one converge step asks of its engine. Paths are relative to the root of the config repo and stay inside it.
 * A new engine is one member here; the compiler then asks for its schema (src/settings), its place in the journal
 * (src/stages/config), its words and paths (src/domain/role/engines.ts) and its adapter (src/app).
 */
type Steps = {
  /** One masterless Puppet run. */
  readonly puppet: {
    readonly manifest: string;
    /** The module path, in order. */
    readonly modules: readonly string[];
    readonly hiera?: string;
    /** Puppet's environment name. */
    readonly environment: string;
    readonly timeoutMs: number;
  };
};

export type EngineName = keyof Steps;

/** One converge step of an engine. */
export type StepOf<Name extends EngineName> = {
  [E in Name]: { readonly engine: E } & Steps[E];
}[Name];

export type ConvergeStep = StepOf<EngineName>;

/** From the ground up. */
export const healthTiers = ["system", "service", "smoke"] as const;

export type HealthTier = (typeof healthTiers)[number];

export type HealthPolicy = Readonly<Record<HealthTier, readonly Check[]>> & {
  /** How long the gate keeps retrying before the run is held, in milliseconds. */
  readonly deadlineMs: number;
  /** While the instance serves: from the end of one round of all checks to the next, in milliseconds. */
  readonly everyMs: number;
  /** Failures in a row of any one check that make a serving instance unhealthy. */
  readonly fall: number;
  /** Rounds in a row in which every check passes that make it healthy again. */
  readonly rise: number;
  /** How long an instance may be out for its health before its group is told to replace it; absent: for ever. */
  readonly replaceAfterMs?: number;
};

/** How many members of a group have to stay healthy: so many, or a percentage of all, rounded up. */
export type Minimum = { readonly count: number } | { readonly percent: number };

/** The group to join, a template: a target group, or a Classic Load Balancer, which is its own group. */
type GroupOfRule = { readonly targetGroup: string } | { readonly classicLoadBalancer: string };

/** Membership of one balancer group. */
export type RegisterRule = GroupOfRule & {
  readonly port: number;
  /** How long the balancer may take to say healthy, in milliseconds. */
  readonly deadlineMs: number;
  /** How long open connections are served after leaving, in milliseconds. */
  readonly drainMs: number;
  /**
   * The minimum of members that stay when the instance leaves by choice. Absent: one for failed health, none for a
   * patch.
   */
  readonly minimumHealthy?: Minimum;
};

export type RecordType = "A" | "AAAA" | "CNAME" | "TXT";

/** One DNS record to publish; `zone`, `name` and `value` are templates. */
export type DnsRule = {
  readonly zone: string;
  /** Relative to the zone, without a trailing dot; `@` is the zone itself. */
  readonly name: string;
  readonly type: RecordType;
  /** Seconds. */
  readonly ttl: number;
  /** Absent for A and AAAA: the instance's first address of that family. */
  readonly value?: string;
  /** On Route 53: a set beside those of other instances. */
  readonly routing?: "multivalue" | "weighted";
  /** Of a weighted set, from 0 to 255. */
  readonly weight?: number;
  /** On Route 53: which zone, where a public and a private one have the same name. */
  readonly visibility?: "public" | "private";
  /** On Route 53: the id of the zone; a template. */
  readonly zoneId?: string;
  /** On Route 53: the ARN of the role that reaches a zone of another account, and its external id; templates. */
  readonly assumeRole?: string;
  readonly externalId?: string;
  /** On Route 53: the id of the health check that a routed record answers by; a template. */
  readonly healthCheck?: string;
};

/** A slot limits how many instances leave at once; `zone` and `name` are templates. */
export type SlotRule = {
  readonly zone: string;
  /** Relative to the zone, without a trailing dot. */
  readonly name: string;
  /** How many at once. */
  readonly count: number;
  /** How long a dead or held owner blocks the others, in milliseconds. */
  readonly expiresMs: number;
  /** On Route 53: which zone, where a public and a private one have the same name. */
  readonly visibility?: "public" | "private";
  /** On Route 53: the id of the zone; a template. */
  readonly zoneId?: string;
  /** On Route 53: the ARN of the role that reaches a zone of another account, and its external id; templates. */
  readonly assumeRole?: string;
  readonly externalId?: string;
};

/** The command that runs after the last user was served and before the machine goes. */
export type StopCommand = {
  readonly run: CommandLine;
  /** In milliseconds. */
  readonly timeoutMs: number;
};

/** How a role leaves service. */
export type LeavePolicy = {
  /** The longest time that leaving takes, commands included, unless another deadline applies; in milliseconds. */
  readonly limitMs: number;
  readonly beforeStop: readonly StopCommand[];
  /** `cordon`: it serves on, and starts no run and no patching by itself. */
  readonly rebalance: "drain" | "cordon" | "ignore";
  /** How long after the recommendation a cordon ends, in milliseconds. */
  readonly cordonMs: number;
  readonly maintenance: "drain" | "ignore";
};

/** When an instance in service patches. */
export type PatchWindow = {
  /** A cron expression of five fields: the window opens at these times. */
  readonly at: string;
  /** How long it stays open, in milliseconds. */
  readonly windowMs: number;
};

/** One entry of the catalogue: how to patch, converge, check, register and name an instance. */
export type Role = {
  readonly name: string;
  readonly patch: PatchPolicy;
  readonly converge: readonly ConvergeStep[];
  readonly health: HealthPolicy;
  readonly register: readonly RegisterRule[];
  readonly dns: readonly DnsRule[];
  /** An instance takes one before it leaves service by choice. Absent: a whole fleet may leave at once. */
  readonly slot?: SlotRule;
  readonly leave: LeavePolicy;
  readonly schedule: {
    /** Cron expressions of five fields. Converge again. */
    readonly converge?: string;
    /** Check what converging would change. */
    readonly drift?: string;
    /** Check for a new commit. */
    readonly fetch?: string;
    /** Remove what dead instances left behind; absent: about every 45 minutes. */
    readonly sweep?: string;
    /** How far apart the instances of a fleet act, in milliseconds; absent: all at once. */
    readonly splayMs?: number;
    readonly patch?: PatchWindow;
  };
};
