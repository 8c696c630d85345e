/** How the packages were left by the last patch, as status, tags and metrics tell it. */
export type Patched = {
  /** ISO 8601. */
  readonly at: string;
  /** How many packages it changed. */
  readonly upgraded: number;
  /** How many upgrades were known and stayed out. */
  readonly pending: number;
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

/** As the instance's tags have it, for whoever looks at many instances. */
export function patchedTag({ at, upgraded, pending }: Patched): string {
  return `${at.slice(0, 19)}Z upgraded=${upgraded} pending=${pending}`;
}
