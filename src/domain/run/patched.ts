/** The result of the last patch, for status, tags and metrics. */
export type Patched = {
  /** ISO 8601. */
  readonly at: string;
  /** How many packages it changed. */
  readonly upgraded: number;
  /** How many known upgrades were not installed. */
  readonly pending: number;
};

/** Why a patch is incomplete: an unread source, or a failure that the run went on from. */
export type PatchFailure = {
  /** An error code. */
  readonly code: string;
  /** The package source, if one source failed: no path, no credentials. */
  readonly source?: string;
};

/**
 * How long a patch that changes nothing keeps the former result, in milliseconds: tags are not written at each
 * scheduled run.
 */
const freshMs = 12 * 3_600_000;

/** The result to show after a patch: the former one, if the later patch changed nothing and followed shortly. */
export function latestPatch(former: Patched | undefined, later: Patched): Patched {
  if (former === undefined || later.upgraded > 0 || later.pending !== former.pending) return later;
  const sinceMs = Date.parse(later.at) - Date.parse(former.at);
  // A time in the future was written with a wrong clock.
  return sinceMs >= 0 && sinceMs < freshMs ? former : later;
}

/**
 * The value of the instance's tag, for views of many instances. After a failure, the time and the numbers are those of
 * the last complete patch.
 * @param trouble the failures of the latest attempt
 */
export function patchedTag(patched: Patched | undefined, trouble: readonly PatchFailure[] = []): string | undefined {
  const codes = [...new Set(trouble.map(({ code }) => code))].slice(0, 3);
  const failed = codes.length === 0 ? "" : ` failed=${codes.join(",")}`;
  if (patched !== undefined) {
    const { at, upgraded, pending } = patched;
    return `${at.slice(0, 19)}Z upgraded=${upgraded} pending=${pending}${failed}`;
  }
  return failed === "" ? undefined : `never${failed}`;
}
