import type { CloudNotice } from "../domain/cloud-notice.ts";

/**
 * What the cloud has said that it will do to this instance.
 *
 * Contract: tells what holds now, so a notice is told again and again for as long as it stands, and no longer once
 * it was taken back; maintenance that is over or cancelled may be told as such. What cannot be understood is warned
 * of once, stops nothing, and takes back nothing that was said before. Costs no call to a cloud's API, and at most three requests to a metadata service. Errors that
 * pass are transient.
 */
export interface CloudNotices {
  pending(signal: AbortSignal): Promise<readonly CloudNotice[]>;
  /** How often it is worth asking, in milliseconds; better known after the first look. */
  everyMs(): number;
}
