// Batches for Route 53, in few words.
import type { Change, ResourceRecordSet } from "@aws-sdk/client-route-53";

/** `A www 10.0.0.1 10.0.0.2`, with what differs from a simple set of TTL 60. */
export function set(text: string, rest: Partial<ResourceRecordSet> = {}): ResourceRecordSet {
  const [Type, name, ...values] = text.split(" ");
  const Name = name === "@" ? "example.com." : `${name}.example.com.`;
  const ResourceRecords = values.map((Value) => ({ Value }));
  return { Name, Type: Type as "A", TTL: 60, ResourceRecords, ...rest };
}

export function create(text: string, rest?: Partial<ResourceRecordSet>): Change {
  return { Action: "CREATE", ResourceRecordSet: set(text, rest) };
}

export function remove(text: string, rest?: Partial<ResourceRecordSet>): Change {
  return { Action: "DELETE", ResourceRecordSet: set(text, rest) };
}

export function upsert(text: string, rest?: Partial<ResourceRecordSet>): Change {
  return { Action: "UPSERT", ResourceRecordSet: set(text, rest) };
}

export function weighted(SetIdentifier: string, Weight = 1): Partial<ResourceRecordSet> {
  return { SetIdentifier, Weight };
}

export function multivalue(SetIdentifier: string): Partial<ResourceRecordSet> {
  return { SetIdentifier, MultiValueAnswer: true };
}
