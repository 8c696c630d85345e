import type { Identity, Tags } from "../domain/instance.ts";

/**
 * Who this machine is and which tags it has.
 *
 * Contract: reads only; a call that fails for a passing reason throws a transient MusterError; what can
 * never work (switched off, file invalid) throws one that is not transient. Tags are returned as they are,
 * without judging them.
 */
export interface IdentitySource {
  /** The id of this machine alone, which costs no call to a cloud's API. */
  instanceId(signal: AbortSignal): Promise<string>;
  read(signal: AbortSignal): Promise<Identity>;
  /**
   * The values that these keys have now, without falling back on what was known before.
   * @param mayCall whether a call to a cloud's API may be made for it
   */
  observe(keys: ReadonlySet<string>, mayCall: boolean, signal: AbortSignal): Promise<SeenValues>;
}

export type SeenValues = {
  /** Of the keys that the instance has; undefined where a call would tell, and none may be made. */
  readonly tags: Tags | undefined;
  /** Whether asking costs a call to a cloud's API, of which a whole account has so many. */
  readonly costsCall: boolean;
};
