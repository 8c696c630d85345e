import type { RestartRule } from "../../domain/run/restarts.ts";
import type { PatchScope } from "../../domain/role/role.ts";
import type { RepositoryLock } from "../../ports/package-manager.ts";

/** The result of a patch in numbers. */
export type PatchCounts = {
  /** Whether the run goes on after a failure. */
  readonly failed: boolean;
  readonly scope: Exclude<PatchScope, "none">;
  readonly upgraded: number;
  /** Known upgrades that stay out. */
  readonly pending: number | undefined;
  /** Those that the role excludes. */
  readonly excluded: number;
  /** Services. */
  readonly restarted: number;
  readonly reboot: boolean;
  readonly locked: RepositoryLock | undefined;
};

/** One sentence. "Nothing to do" gets a reason if the reason is a lock. */
export function summaryOf({
  scope,
  failed,
  upgraded,
  pending = 0,
  excluded,
  restarted,
  reboot,
  locked,
}: PatchCounts): string {
  const services = restarted === 0 ? "" : `; ${restarted} service${restarted === 1 ? "" : "s"} restarted`;
  const due = `${services}${reboot ? "; a reboot is required" : ""}`;
  if (upgraded === 0 && pending === 0 && locked !== undefined) return `nothing to do in ${lockWords(locked)}${due}`;
  if (failed) return `not brought up to date, ${upgraded} package${upgraded === 1 ? "" : "s"} changed${due}`;
  const what = scope === "security" ? "security updates" : "updates";
  const done = upgraded === 0 ? `no ${what} to install` : `${upgraded} package${upgraded === 1 ? "" : "s"} changed`;
  const left = pending === 0 ? "" : `, ${pending} other upgrade${pending === 1 ? "" : "s"} known`;
  const out = excluded === 0 ? "" : ` (${excluded} excluded)`;
  return `${done}${left}${out}${due}`;
}

/** The services that keep running replaced code, and what would end that. */
export function outdatedNotice(services: readonly string[], rule: RestartRule): string {
  const names = services.join(", ");
  return rule === "in-service"
    ? `Services run replaced code, and are not restarted while the instance serves: ${names}`
    : `Services run replaced code, and only a reboot restarts them safely: ${names}`;
}

export function lockNotice(locked: RepositoryLock): string {
  return `Packages come from ${lockWords(locked)}`;
}

function lockWords({ version, newest }: RepositoryLock): string {
  const out = newest === undefined ? "whether a newer one is out is not known" : `${newest} is out`;
  return `repository version ${version}, which is locked; ${out}: set patch.releasever`;
}
