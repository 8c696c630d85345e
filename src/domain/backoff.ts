/** How long to wait between attempts. Milliseconds. */
export type Backoff = {
  readonly firstMs: number;
  readonly maxMs: number;
};

/**
 * The wait before attempt `attempt + 1` with full jitter: anything from 0 to the doubled cap, so that a
 * fleet that failed together does not come back together.
 * @param attempt how many attempts failed, from 1
 * @param random from 0 to 1
 */
export function backoffMs(backoff: Backoff, attempt: number, random: number): number {
  const cap = Math.min(backoff.maxMs, backoff.firstMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(cap * random);
}
