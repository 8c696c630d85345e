import { MusterError, reportOf } from "../../domain/errors/errors.ts";
import { InvalidFileError } from "../../domain/settings/problem.ts";
import { settingsEdits, type SettingsEdit } from "../../domain/settings/settings-edits.ts";
import type { ExplainInput, SettingsObservation } from "./input.ts";

/** What of the settings on disk is not in force; none where the daemon did not tell its own. */
export function editsOf({ settings }: Pick<ExplainInput, "settings">): readonly SettingsEdit[] {
  if (settings.kind !== "read" || settings.inForce === undefined) return [];
  return settingsEdits(settings.inForce.values, settings.values);
}

/** Unreadable settings: the daemon cannot start, or this user may not read them. */
export function unreadSettings(error: unknown): Exclude<SettingsObservation, { kind: "read" }> {
  const problems = error instanceof InvalidFileError ? error.problems : [];
  const known = error instanceof MusterError && !isDenied(error);
  return known ? { kind: "broken", error: reportOf(error), problems } : { kind: "unread" };
}

function isDenied({ cause }: MusterError): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "EACCES";
}
