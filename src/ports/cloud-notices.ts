import type { CloudNotice } from "../domain/membership/cloud-notice.ts";

/**
 * The notices of the cloud about this instance.
 *
 * Contract: `pending` returns every notice that holds now: again each time as long as it holds, and no longer once the
 * cloud has taken it back; maintenance that is over or cancelled may be included, marked as such. A malformed notice is
 * warned of once, stops nothing, and takes back no earlier notice. No call to a cloud's API, and at most three requests
 * to a metadata service. Transient failures throw transient errors.
 */
export interface CloudNotices {
  pending(signal: AbortSignal): Promise<readonly CloudNotice[]>;
  /** How often to poll, in milliseconds; better known after the first poll. */
  everyMs(): number;
}
