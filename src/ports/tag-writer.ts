import type { Tags } from "../domain/instance/instance.ts";

/**
 * The tags that muster writes on its own instance (full keys). They never steer muster.
 *
 * Contract: `write` sets all of them in one call or none; keys it does not name stay as they are; idempotent.
 */
export interface TagWriter {
  /** What is written now, as far as muster's own keys go. */
  read(signal: AbortSignal): Promise<Tags>;
  /**
   * Whether the cloud would take these keys, and take them from this instance. Changes nothing. Absent: it takes every
   * key.
   * @throws MusterError `tags-impossible`, `aws-access-denied`
   */
  check?(keys: readonly string[], signal: AbortSignal): Promise<void>;
  write(tags: Tags, signal: AbortSignal): Promise<void>;
}
