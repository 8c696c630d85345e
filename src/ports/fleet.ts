/** The cloud's answer about an instance that it knows. */
export type InstanceLife =
  /** Also a stopped instance, or one that is about to be gone. */
  | "there"
  /** It is gone for good, and its id is never given again. */
  | "terminated";

/**
 * The instances that live, in this instance's own account and region.
 *
 * Contract: `observe` asks the cloud each time. An unknown instance is absent from the answer, perhaps because the
 * cloud does not know it yet. An answer without this instance itself is refused: `fleet-not-itself` (credentials of
 * another account, another region, or a service that lags behind). Reads only.
 */
export interface Fleet {
  observe(instances: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, InstanceLife>>;
}
