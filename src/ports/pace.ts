/** How a pass of membership is paced, and how long its failures may last. Milliseconds. */
export type MembershipPacing = {
  /** Between two rounds that only wait; grows to `pollMaxMs` for as long as nothing changes. */
  readonly pollMs: number;
  readonly pollMaxMs: number;
  readonly backoff: { readonly firstMs: number; readonly maxMs: number };
  /** The backoff grows up to this while an outage is waited for without a limit. */
  readonly patientMs: number;
  /**
   * How long names and tags may keep failing while the instance joins, before it counts as in service without them: its
   * balancer sends users to it already.
   */
  readonly putOffMs: number;
  /** How long a stage may keep failing while the instance leaves, where systemd is waiting. */
  readonly leaveLimitMs: number;
};

/** Between two passes after one that agreed, and after one that failed; and between two readings of the tags. Milliseconds. */
export type Intervals = {
  readonly everyMs: number;
  readonly afterFailureMs: number;
  readonly tagsMs: number;
  /** The interval of the reconciler is at least this for each member of the largest group. Absent: size does not matter. */
  readonly memberMs?: number | undefined;
  /** How names are verified at their DNS servers, where looking at them through the API costs requests. */
  readonly names?: NamesPace | undefined;
};

/** Milliseconds. */
export type NamesPace = {
  /** Between two questions to the DNS servers of the zones. */
  readonly askMs: number;
  /** The longest time that their answers stand for a look through the API. */
  readonly observeMs: number;
};

/** How often a cloud may be asked, and how long its changes take. */
export type CloudPace = {
  readonly membership: MembershipPacing;
  readonly intervals: Intervals;
  /** The longest time until every server of a zone answers with a change, in milliseconds; 0: at once. */
  readonly spreadMs: number;
};
