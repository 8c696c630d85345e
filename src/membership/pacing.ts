import type { Backoff } from "../lib/async/backoff.ts";

/** How a pass is paced, and how long its failures may last. Milliseconds. */
export type MembershipPacing = {
  /** Between two rounds that only wait; grows to `pollMaxMs` for as long as nothing changes. */
  readonly pollMs: number;
  readonly pollMaxMs: number;
  readonly backoff: Backoff;
  /** How long a stage may keep failing while the instance joins; the balancer has its own limit by target. */
  readonly joinLimitMs: number;
  /** The same while the instance leaves, where systemd is waiting. */
  readonly leaveLimitMs: number;
};

/** A balancer and a DNS server in the same rack, asked by one socket each. */
export const nearPacing: MembershipPacing = {
  pollMs: 500,
  pollMaxMs: 500,
  backoff: { firstMs: 500, maxMs: 10_000 },
  joinLimitMs: 120_000,
  leaveLimitMs: 20_000,
};

/**
 * AWS counts calls by account and region, so polls grow rare. A new instance profile, or its permissions, may take
 * minutes to be known everywhere.
 */
export const awsPacing: MembershipPacing = {
  pollMs: 1_000,
  pollMaxMs: 5_000,
  backoff: { firstMs: 1_000, maxMs: 15_000 },
  joinLimitMs: 300_000,
  leaveLimitMs: 20_000,
};

/** Between two passes after one that agreed, and after one that failed; and between two readings of the tags. Milliseconds. */
export type Intervals = { readonly everyMs: number; readonly afterFailureMs: number; readonly tagsMs: number };

export const nearIntervals: Intervals = { everyMs: 30_000, afterFailureMs: 30_000, tagsMs: 10_000 };

/**
 * Route 53 answers five requests a second to a whole account: a fleet of a thousand shares that. Reading the tags in
 * the metadata takes a request a tag.
 */
export const awsIntervals: Intervals = { everyMs: 300_000, afterFailureMs: 60_000, tagsMs: 30_000 };
