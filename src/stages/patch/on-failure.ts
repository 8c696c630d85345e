import { MusterError, reportOf } from "../../domain/errors/errors.ts";
import type { PatchFailureRule } from "../../domain/role/role.ts";
import { sourceCodes, type SourceFailure } from "../../domain/run/package-source.ts";
import type { StageContext } from "../../ports/stage-context.ts";

/** Failures of the index and its sources, which a later commit may fix; the installed packages are in order. */
const ofIndex: ReadonlySet<string> = new Set([...sourceCodes, "package-sources-invalid"]);

/**
 * Whether the run goes on after this failure of patching. Without a rule: after a broken index, because the commit that
 * fixes it is converged after patching; not after a broken dpkg or rpm, on which a converge would fail as well.
 */
export function goesOn(error: unknown, rule: PatchFailureRule | undefined): error is MusterError {
  if (!(error instanceof MusterError) || rule === "hold") return false;
  return rule === "continue" || ofIndex.has(error.code);
}

/**
 * Reports the unread sources, each with its remedy.
 * @throws MusterError the first one, if the role holds for it
 */
export function reportUnread(
  failed: readonly SourceFailure[],
  rule: PatchFailureRule | undefined,
  context: StageContext,
): void {
  for (const failure of failed) {
    if (rule === "hold") throw new MusterError(failure);
    context.warn(failure.code, `${failure.message}; its packages are judged by an older index. ${failure.hint}`);
  }
}

/** Reports the failure of patching, and that the run goes on. */
export function reportFailure(error: MusterError, context: StageContext): void {
  const { code, message, hint } = reportOf(error);
  context.warn(code, `Packages are not brought up to date, and the run goes on: ${message}. ${hint}`);
}
