import type { DnsRecord, DnsVerdict, Owner, RecordState } from "../domain/membership/membership.ts";
import type { ZoneName } from "../domain/membership/zone.ts";

/** The changes in one zone; sent as one batch, each record together with its ownership TXT. */
export type DnsChange = ZoneName & {
  readonly publish: readonly DnsRecord[];
  readonly withdraw: readonly DnsRecord[];
};

/**
 * The service that publishes names.
 *
 * Contract: a record and its ownership TXT are written together or not at all; where one request does not take both, the
 * TXT comes first and goes last. A name that another owner
 * holds, or an unknown one, is never touched: `dns-name-owned`. Values of other instances under the
 * same name stay. Idempotent. A refused key is `dns-refused`, a zone that the server does not have is
 * `dns-zone-missing`. A server that does not answer is `dns-name-unresolved`, `dns-connection-refused`, `dns-no-route`,
 * `dns-timeout` or `dns-unreachable`, all transient.
 */
export interface Dns {
  /**
   * The state of each record, in the order asked. A withdrawn record is `withdrawing` until every server of the zone
   * has dropped it, if the service says so; for a minute at most.
   */
  observe(records: readonly DnsRecord[], owner: Owner, signal: AbortSignal): Promise<readonly RecordState[]>;
  /**
   * Whether the zone exists and takes changes of this instance, as far as a look tells. Changes nothing, and keeps what
   * it looked up.
   * @throws MusterError `dns-zone-missing`, `dns-zone-ambiguous`, `dns-refused`, `dns-key-unreadable`, `dns-tool-missing`
   */
  check(zone: ZoneName, signal: AbortSignal): Promise<void>;
  apply(change: DnsChange, owner: Owner, signal: AbortSignal): Promise<void>;
  /**
   * Whether two ways to name a zone mean one zone: by name alone, and by name and id. Absent: zones of one name are one.
   * @throws MusterError as `observe`
   */
  isSameZone?(one: ZoneName, other: ZoneName, signal: AbortSignal): Promise<boolean>;
  /**
   * Asks the zone's DNS servers themselves, in the order asked. Costs no request of the service's API, and never fails: a
   * server without a usable answer is `unknown`. Absent where `observe` costs none either.
   */
  verify?(records: readonly DnsRecord[], owner: Owner, signal: AbortSignal): Promise<readonly DnsVerdict[]>;
}
