import type { PatchScope } from "../domain/role.ts";
import type { StageContext } from "./stage-context.ts";

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
  /** A transaction was interrupted and has to be completed first. */
  readonly interrupted: boolean;
  /** Everything that an upgrade in scope `all` would install. */
  readonly upgrades: readonly Upgrade[];
  /** Packages kept back by the administrator (apt-mark hold). */
  readonly held: readonly string[];
};

export type RebootState = {
  readonly required: boolean;
  /** Plain words: which package, which kernel runs and which is installed. */
  readonly reasons: readonly string[];
};

/**
 * The distribution's package manager.
 *
 * Contract: what changes the system runs through the unit runner, waits for the locks of others (bounded,
 * and says who holds them), never asks a question, keeps changed configuration files, and may be done
 * again after a kill at any point.
 */
export interface PackageManager {
  readonly name: "apt";
  /** Downloads the package index. @throws MusterError `package-index-failed` (transient) */
  refresh(context: StageContext): Promise<void>;
  observe(context: StageContext): Promise<PackageState>;
  /** Completes an interrupted transaction. @throws MusterError `package-repair-failed` */
  repair(context: StageContext, timeoutMs: number): Promise<void>;
  /**
   * Upgrades: exactly `upgrades` for `security`, everything that can be for `all`.
   * @throws MusterError `package-upgrade-failed`
   */
  upgrade(
    scope: Exclude<PatchScope, "none">,
    upgrades: readonly Upgrade[],
    context: StageContext,
    timeoutMs: number,
  ): Promise<void>;
  rebootState(signal: AbortSignal): Promise<RebootState>;
}
