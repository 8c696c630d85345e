import type { SourceFailure } from "../domain/package-source.ts";
import type { PatchPolicy, PatchScope } from "../domain/role.ts";
import type { StageContext } from "./stage-context.ts";

/** What a role asks besides the scope: what stays as it is, and which version of the repositories counts. */
export type PackageRules = Pick<PatchPolicy, "exclude" | "releasever">;

/** One package that has a newer version. */
export type Upgrade = {
  readonly name: string;
  /** Absent when the upgrade brings in a package that is not installed yet. */
  readonly from?: string;
  readonly to: string;
  readonly security: boolean;
};

/** What the package manager knows before anything is changed. */
export type PackageState = {
  /** A transaction was interrupted and has to be completed first; until then nothing else is known. */
  readonly interrupted: boolean;
  /** The packages that it left half done. */
  readonly unfinished: readonly string[];
  /** Everything that an upgrade in scope `all` would install. */
  readonly upgrades: readonly Upgrade[];
  /** Packages that the administrator keeps at their version. */
  readonly held: readonly string[];
  /** Packages that have a newer version which cannot be installed without removing others, or not yet. */
  readonly keptBack: readonly string[];
  /** Packages that have a newer version, and stay because the role excludes them. */
  readonly excluded: readonly string[];
  /**
   * Absent where the repositories move on by themselves, where the role says which version counts, and where the
   * version that they are locked to is the newest.
   */
  readonly locked?: RepositoryLock;
};

/** Repositories that stay at one version until somebody names another: updates are there, and not seen. */
export type RepositoryLock = {
  readonly version: string;
  /** The newest version that is out; absent when nobody could tell. */
  readonly newest?: string;
};

/** What a transaction did to one package. */
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
  /** Why nobody could tell for certain, as a clause; `required` is then what else is known. */
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
   * @throws MusterError `package-fetch-failed` (transient), `package-lock-held` (transient), `package-source-untrusted`,
   *   `package-source-changed`, `package-sources-invalid`
   */
  refresh(rules: PackageRules, context: StageContext): Promise<readonly SourceFailure[]>;
  /**
   * Waits for the transactions of this run that an earlier agent began in this boot. How they ended does not
   * matter: `observe` tells what is left to do.
   */
  resume(context: StageContext): Promise<void>;
  /**
   * Waits while somebody else works with packages, for an engine that is about to: most of what it may call fails at
   * once on a lock. After a quarter of an hour it is said, and the engine begins all the same.
   */
  whenIdle(context: StageContext): Promise<void>;
  /**
   * Waits while somebody else changes packages, then looks.
   * @throws MusterError `package-lock-held` (transient), `package-look-failed` (transient), and as `refresh` where
   *   looking needs an index that is not there
   */
  observe(rules: PackageRules, context: StageContext): Promise<PackageState>;
  /** Completes an interrupted transaction. @throws MusterError as `upgrade` */
  repair(context: StageContext, timeoutMs: number): Promise<void>;
  /**
   * Upgrades: the security updates, which `upgrades` are, for `security` (and what they need), everything that can
   * be for `all`; never what the rules exclude, nor what needs that. Never removes a package.
   * @throws MusterError `package-fetch-failed` (transient; the index may be out of date), `package-lock-held`
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
  /** What the transactions of a run changed, those of earlier agents and boots too, in order. */
  changes(run: string): Promise<readonly PackageChange[]>;
  rebootState(signal: AbortSignal): Promise<RebootState>;
  /**
   * The services, as `nginx.service`, that still run code which an upgrade replaced; muster's own may be among them.
   * Empty too where nothing on the machine can tell.
   */
  servicesToRestart(signal: AbortSignal): Promise<readonly string[]>;
}
