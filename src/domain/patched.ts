/** How the packages were left by the last patch, as status, tags and metrics tell it. */
export type Patched = {
  /** ISO 8601. */
  readonly at: string;
  /** How many packages it changed. */
  readonly upgraded: number;
  /** How many upgrades were known and stayed out. */
  readonly pending: number;
};

/** What kept a patch from being the whole of it: an unread source, or a failure that the run went on from. */
export type PatchFailure = {
  /** An error code. */
  readonly code: string;
  /** The package source, where it is one source's: no path, no credentials. */
  readonly source?: string;
};

/** How long a patch that finds nothing new tells nothing new, in milliseconds: tags are not written at each scheduled run. */
const freshMs = 12 * 3_600_000;

/** What is told after a patch: the former one, while the later found everything as that had left it a short time before. */
export function latestPatch(former: Patched | undefined, later: Patched): Patched {
  if (former === undefined || later.upgraded > 0 || later.pending !== former.pending) return later;
  const sinceMs = Date.parse(later.at) - Date.parse(former.at);
  // One of the future was made when the clock was wrong.
  return sinceMs >= 0 && sinceMs < freshMs ? former : later;
}

/**
 * As the instance's tags have it, for those who look at many instances. With trouble, the time and the numbers are those of
 * the last patch that was one.
 * @param trouble of the latest attempt
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
