import { MusterError, reportOf } from "../../domain/errors.ts";
import type { PatchFailureRule } from "../../domain/role.ts";
import type { SourceFailure } from "../../domain/package-source.ts";
import type { StageContext } from "../../ports/stage-context.ts";

/** Failures of the index and its sources, which a later commit may mend; the packages that are installed are in order. */
const ofIndex: ReadonlySet<string> = new Set([
  "package-fetch-failed",
  "package-source-changed",
  "package-source-untrusted",
  "package-sources-invalid",
]);

/**
 * Whether the run goes on past this failure of patching. Without a rule: past a broken index, because the commit that
 * mends it is converged after patching; not past a broken dpkg or rpm, on which a converge would fail as well.
 */
export function goesOn(error: unknown, rule: PatchFailureRule | undefined): error is MusterError {
  if (!(error instanceof MusterError) || rule === "hold") return false;
  return rule === "continue" || ofIndex.has(error.code);
}

/** Says what was not read, each source with its remedy. @throws MusterError the first one, where the role holds for it */
export function tellUnread(
  failed: readonly SourceFailure[],
  rule: PatchFailureRule | undefined,
  context: StageContext,
): void {
  for (const failure of failed) {
    if (rule === "hold") throw new MusterError(failure);
    context.warn(failure.code, `${failure.message}; its packages are judged by an older index. ${failure.hint}`);
  }
}

/** Says what patching failed at, and that the run goes on. */
export function reportFailure(error: MusterError, context: StageContext): void {
  const { code, message, hint } = reportOf(error);
  context.warn(code, `Packages are not brought up to date, and the run goes on: ${message}. ${hint}`);
}
