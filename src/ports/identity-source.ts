import type { Identity, Instance, Tags } from "../domain/instance/instance.ts";

/**
 * The identity and the tags of this machine.
 *
 * Contract: reads only; a transient failure throws a transient MusterError; a permanent one (switched off, file
 * invalid) throws one that is not transient. Tags are returned as they are, without a check.
 */
export interface IdentitySource {
  /** The id of this machine alone, which costs no call to a cloud's API. */
  instanceId(signal: AbortSignal): Promise<string>;
  read(signal: AbortSignal): Promise<Identity>;
  /** The addresses as they are now; costs no call to a cloud's API. */
  addresses(signal: AbortSignal): Promise<Instance["addresses"]>;
  /**
   * The present values of these keys, without a fallback on earlier ones.
   * @param mayCall whether this may call a cloud's API
   */
  observe(keys: ReadonlySet<string>, mayCall: boolean, signal: AbortSignal): Promise<SeenValues>;
}

export type SeenValues = {
  /** Of the keys that the instance has; undefined if only a call could tell, and no call may be made. */
  readonly tags: Tags | undefined;
  /** Whether this costs a call to a cloud's API, whose limit is shared by a whole account. */
  readonly costsCall: boolean;
};
