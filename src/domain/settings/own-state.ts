/**
 * The state files of an instance. `stateFile` takes no other name, so that a clone of the image forgets each of them.
 * docs/lifecycle.md has a line for each.
 */
export const stateFileNames = [
  "status.json",
  "membership.json",
  "instance-tags.json",
  "added-tags.json",
  "tags.json",
  "pause.json",
  "sweep.json",
  "zones.json",
  "applied.json",
  "ref-marks.json",
  "reboots.json",
  "duty.json",
  "standby.json",
  "slot.json",
  "patch-window.json",
  "departures.json",
  "instance.json",
] as const;

export type StateFileName = (typeof stateFileNames)[number];

/** The owner of the state. A clone removes this last: a kill in the middle repeats the reset. */
export const claimFile = "instance.json" satisfies StateFileName;

/** The state that is no single file: runs, worktrees, and the mirror of the config repo with what lies beside it. */
export const stateDirectories = [
  "runs",
  "worktrees",
  "config.git",
  "config.git.new",
  "config.git.aside",
  "config.git.lock",
] as const;

/** Whether a name at the top of the state directory is a state file: of this binary, or of a newer one. */
export function isStateFile(name: string): boolean {
  return name.endsWith(".json");
}
