import { MusterError, reportOf } from "../../domain/errors/errors.ts";
import { InvalidFileError } from "../../domain/settings/problem.ts";
import type { SettingsObservation } from "./input.ts";

/** Unreadable settings: the daemon cannot start, or this user may not read them. */
export function unreadSettings(error: unknown): Exclude<SettingsObservation, { kind: "read" }> {
  const problems = error instanceof InvalidFileError ? error.problems : [];
  const known = error instanceof MusterError && !isDenied(error);
  return known ? { kind: "broken", error: reportOf(error), problems } : { kind: "unread" };
}

function isDenied({ cause }: MusterError): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "EACCES";
}
