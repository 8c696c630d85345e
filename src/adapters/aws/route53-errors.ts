import { MusterError } from "../../domain/errors/errors.ts";
import type { DnsRecord } from "../../domain/membership/membership.ts";

export function foreign({ type, name }: DnsRecord, holder: string): MusterError {
  return new MusterError({
    code: "dns-name-owned",
    message: `${type} ${name} is held by ${holder}: it was not touched`,
    hint: "Choose another name in the catalogue, or remove the record there if nobody needs it.",
  });
}

/** @param most how many values Route 53 takes in the set */
export function full({ type, name }: DnsRecord, most: number): MusterError {
  return new MusterError({
    code: "dns-name-full",
    message: `${type} ${name} has ${most} values, and Route 53 takes no more in one record set: it was not touched`,
    hint: "Spread the instances over several names in the catalogue, as one for each zone or role.",
  });
}

export function mixed({ type, name }: DnsRecord, policies: readonly string[]): MusterError {
  return new MusterError({
    code: "dns-policy-mixed",
    message: `${type} ${name} would have the routing policies ${policies.toSorted().join(" and ")}, and Route 53 takes one a name: it was not touched`,
    hint: "Choose another name in the catalogue; a name changes its policy only once nothing else is under it.",
  });
}

export function refusedByAws(name: string, error: MusterError): MusterError {
  return new MusterError({
    code: "dns-record-refused",
    message: `Route 53 refuses the record at ${name}: ${reasonOf(error.cause)}`,
    hint: "Correct its zone, name, type, value or routing in the catalogue; the other records were written.",
    cause: error.cause,
  });
}

export function contended(zone: string, times: number): MusterError {
  return new MusterError({
    code: "dns-contended",
    message: `Zone ${zone} was changed by others ${times} times while this instance tried to`,
    hint: "Many instances under one name come in one after the other.",
    transient: true,
  });
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message.slice(0, 300) : "no reason given";
}
