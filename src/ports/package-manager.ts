import type { SourceFailure } from "../domain/run/package-source.ts";
import type { PatchPolicy, PatchScope } from "../domain/role/role.ts";
import type { StageContext } from "./stage-context.ts";

/** The role's rules besides the scope: the packages that stay, and the version of the repositories. */
export type PackageRules = Pick<PatchPolicy, "exclude" | "releasever">;

/** One package that has a newer version. */
export type Upgrade = {
  readonly name: string;
  /** Absent when the upgrade brings in a package that is not installed yet. */
  readonly from?: string;
  readonly to: string;
  readonly security: boolean;
};

/** The state of the packages before a change. */
export type PackageState = {
  /** An interrupted transaction has to be completed first; until then the rest is not known. */
  readonly interrupted: boolean;
  /** The packages that it left half done. */
  readonly unfinished: readonly string[];
  /** Everything that an upgrade in scope `all` would install. */
  readonly upgrades: readonly Upgrade[];
  /** Packages that the administrator keeps at their version. */
  readonly held: readonly string[];
  /** Packages with a newer version that cannot be installed without removing others, or not yet. */
  readonly keptBack: readonly string[];
  /** Packages with a newer version that stay because the role excludes them. */
  readonly excluded: readonly string[];
  /**
   * Absent if the repositories move on by themselves, if the role names the version, and if the locked version is the
   * newest.
   */
  readonly locked?: RepositoryLock;
};

/** Repositories that stay at one version until another is named: updates exist, but are not visible. */
export type RepositoryLock = {
  readonly version: string;
  /** The newest version; absent if it could not be found out. */
  readonly newest?: string;
};

/** The change of one package in a transaction. */
export type PackageChange = {
  readonly name: string;
  /** Absent when the package is new. */
  readonly from?: string;
  readonly to: string;
};

export type RebootState = {
  readonly required: boolean;
  /** Plain words: which package, which kernel runs and which is installed. */
  readonly reasons: readonly string[];
  /** Why this is not certain, as a clause; `required` then says what else is known. */
  readonly unknown?: string;
};

/** Commands that a hint names: what an operator types on this machine. They change nothing. */
export type PackageHints = {
  /** Names the packages that are not in order, and says what is wrong with them. */
  readonly audit: string;
  /** Shows what asks for a reboot. */
  readonly rebootReasons: string;
};

/**
 * The distribution's package manager.
 *
 * Contract: what changes the system runs through the unit runner, waits for the locks of others (bounded,
 * and says who holds them), never asks a question, keeps changed configuration files, and may be done
 * again after a kill at any point.
 */
export interface PackageManager {
  readonly hints: PackageHints;
  /**
   * Downloads the package index.
   * @returns the sources that could not be read, while others were
   * @throws MusterError one of `fetchCodes` (most are transient), `package-lock-held` (transient), `package-source-untrusted`,
   *   `package-source-changed`, `package-sources-invalid`
   */
  refresh(rules: PackageRules, context: StageContext): Promise<readonly SourceFailure[]>;
  /**
   * Waits for the transactions of this run that an earlier agent began in this boot. Their result does not matter:
   * `observe` says what is left to do.
   */
  resume(context: StageContext): Promise<void>;
  /**
   * Waits while another program works with packages, because most commands of an engine would fail at once on its lock.
   * After 15 minutes it warns, and the engine begins all the same.
   */
  whenIdle(context: StageContext): Promise<void>;
  /**
   * Waits while another program changes packages, then observes.
   * @throws MusterError `package-lock-held` (transient), `package-look-failed` (transient), and as `refresh` if it
   * needs an index that is not there
   */
  observe(rules: PackageRules, context: StageContext): Promise<PackageState>;
  /** Completes an interrupted transaction. @throws MusterError as `upgrade` */
  repair(context: StageContext, timeoutMs: number): Promise<void>;
  /**
   * Upgrades: the security updates, which `upgrades` are, for `security` (and what they need), everything that can
   * be for `all`; never what the rules exclude, nor what needs that. Never removes a package.
   * @throws MusterError one of `fetchCodes` (the index may be out of date), `package-lock-held`
   *   (transient), `package-disk-full`, `package-script-failed`, `package-dependencies-broken`,
   *   `package-upgrade-failed`
   */
  upgrade(
    scope: Exclude<PatchScope, "none">,
    upgrades: readonly Upgrade[],
    rules: PackageRules,
    context: StageContext,
    timeoutMs: number,
  ): Promise<void>;
  /** The changes of all transactions of a run, also of earlier agents and boots, in order. */
  changes(run: string): Promise<readonly PackageChange[]>;
  rebootState(signal: AbortSignal): Promise<RebootState>;
  /**
   * The services, as `nginx.service`, that still run replaced code; muster's own may be among them. Empty too if the
   * machine has no tool that can tell.
   */
  servicesToRestart(signal: AbortSignal): Promise<readonly string[]>;
}
