import type { KnownValue } from "./known-value.ts";

/** The settings that a daemon works with. */
export type SettingsInForce = {
  /** When it read them, ISO 8601. */
  readonly readAt: string;
  readonly values: readonly KnownValue[];
};

/** A value on disk that is not in force; one side is absent where its key is. */
export type SettingsEdit = {
  readonly path: string;
  readonly inForce?: string;
  readonly onDisk?: string;
};

/** What was edited on disk since the daemon read its settings, in the order of the files. Pure. */
export function settingsEdits(inForce: readonly KnownValue[], onDisk: readonly KnownValue[]): readonly SettingsEdit[] {
  const before = new Map(inForce.map(({ path, value }) => [path, value]));
  const after = new Map(onDisk.map(({ path, value }) => [path, value]));
  return [...new Set([...after.keys(), ...before.keys()])].flatMap((path) => {
    const [old, now] = [before.get(path), after.get(path)];
    if (old === now) return [];
    return [{ path, ...(old === undefined ? {} : { inForce: old }), ...(now === undefined ? {} : { onDisk: now }) }];
  });
}

/** As "config.url and 2 more". */
export function editedPaths(edits: readonly SettingsEdit[]): string {
  const paths = edits.map(({ path }) => path);
  return paths.length <= 3 ? paths.join(", ") : `${paths.slice(0, 2).join(", ")} and ${paths.length - 2} more`;
}
