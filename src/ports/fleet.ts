/** What the cloud says of an instance that it knows. */
export type InstanceLife =
  /** Also one that is stopped, or about to be gone. */
  | "there"
  /** It is gone for good, and its id is never given again. */
  | "terminated";

/**
 * Who lives, in this instance's own account and region.
 *
 * Contract: `look` asks the cloud each time. An instance that it does not know is absent from the answer, which may be
 * because it knows it not yet. An answer in which this instance itself is not there is none: `fleet-not-itself`
 * (credentials of another account, another region, or a service that lags behind). Reads only.
 */
export interface Fleet {
  observe(instances: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, InstanceLife>>;
}
