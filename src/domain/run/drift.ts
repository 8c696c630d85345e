/** What a drift check found: how far the machine is from the commit that it was converged to. */
export type Drift = {
  /** When, ISO 8601. */
  readonly at: string;
  readonly commit: string;
  /** How many resources converging would change. */
  readonly drifted: number;
  /** Those, as `File[/etc/motd]`; at most {@link namedResources}. */
  readonly resources: readonly string[];
};

export const namedResources = 20;

/** As `2 resources differ from commit 1a2b3c4d5e6f: File[/etc/motd], Service[nginx]`. */
export function driftWords({ drifted, resources, commit }: Drift): string {
  const from = `commit ${commit.slice(0, 12)}`;
  if (drifted === 0) return `nothing differs from ${from}`;
  const what = drifted === 1 ? "1 resource differs" : `${drifted} resources differ`;
  const named = resources.length === 0 ? "" : `: ${resources.join(", ")}`;
  const more = resources.length > 0 && drifted > resources.length ? ` and ${drifted - resources.length} more` : "";
  return `${what} from ${from}${named}${more}`;
}
