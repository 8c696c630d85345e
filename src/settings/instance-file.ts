import { parseIpv4, parseIpv6 } from "../domain/instance/address.ts";
import { type CloudNotice, maintenanceStates, spotActions } from "../domain/membership/cloud-notice.ts";
import type { InstanceFile } from "../domain/instance/instance.ts";
import { isDnsName } from "../domain/role/names.ts";
import { z } from "zod";
import { readDocument, type Kind } from "./document.ts";
import { list, map, oneOf, record, text } from "./leaves.ts";

const word = (expected: string) => text(expected, "name", (value) => /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(value));

const address = text("an IP address", "IP address", (value) => normal(value) !== undefined).transform(
  (value) => normal(value) ?? "",
);

const time = text("a time such as 2026-11-21T08:02:00Z", "time", (value) => isTime(value)).transform((value) =>
  new Date(value).toISOString(),
);

const notices = map({
  spot: map({
    action: oneOf(spotActions).prefault("terminate").describe("What is done to the machine."),
    at: time.describe("When."),
  })
    .exactOptional()
    .describe("The machine is taken back."),
  rebalance: map({ noticedAt: time.describe("Since when that is known.") })
    .exactOptional()
    .describe("The machine may be about to be taken back."),
  maintenance: list(
    map({
      id: word("an id: letters, digits, dots, dashes, underscores").describe("The id of the event."),
      code: word("a code such as system-reboot").prefault("system-maintenance").describe("What kind of event."),
      text: text("a sentence", "text").prefault("scheduled maintenance").describe("What is done."),
      notBefore: time.describe("When it begins, at the earliest."),
      notAfter: time.exactOptional().describe("When it is over, at the latest."),
      state: oneOf(maintenanceStates).prefault("active").describe("Whether it still stands."),
    }),
    "a list of events",
  )
    .prefault([])
    .describe("Maintenance that is scheduled."),
});

/** The instance file of the local cloud. */
export const instanceSchema = map({
  id: word("an instance id: letters, digits, dots, dashes, underscores").describe(
    "Who this machine is. No two may share it.",
  ),
  zone: word("the name of a zone: letters, digits, dots, dashes, underscores").describe(
    "The availability zone, or what comes nearest.",
  ),
  region: word("the name of a region: letters, digits, dots, dashes, underscores")
    .exactOptional()
    .describe("The region; by default the zone without its last part: `local` for `local-a`."),
  account: word("the name of an account: letters, digits, dots, dashes, underscores")
    .prefault("local")
    .describe("Who owns the machine."),
  addresses: list(address, "a list of IP addresses")
    .exactOptional()
    .describe(
      "The addresses to be reached at, the best one first; by default the machine's own, that which it sends from first.",
    ),
  hostname: text("a host name", "host name", isDnsName).exactOptional().describe("By default the machine's own."),
  tags: record(
    text("at most 128 characters", "text", (value) => value.length <= 128),
    z.string({ error: "text" }).max(256, { error: "text of at most 256 characters" }).meta({ title: "text" }),
    "a map of tags",
  )
    .prefault({})
    .describe("The tags of the instance, by their full keys."),
  notices: notices
    .exactOptional()
    .describe(
      "What the cloud would have said that it is about to do to the machine; read every few seconds. See [membership](membership.md).",
    ),
}).describe("/etc/muster/instance.yaml, on the local cloud");

/**
 * The data that IMDS provides on AWS.
 * @param file the name of the file in errors
 * @throws InvalidFileError `instance-file-invalid` with every problem
 */
export function parseInstanceFile(text: string, file: string): InstanceFile {
  const kind: Kind = { code: "instance-file-invalid", subject: "The instance file is" };
  const { value } = readDocument(kind, [{ file, text }], instanceSchema);
  const { addresses, region, notices: said, ...rest } = value;
  return {
    ...rest,
    region: region ?? value.zone.replace(/-[^-]*$/, ""),
    ...(addresses === undefined ? {} : { addresses: split(addresses) }),
    ...(said === undefined ? {} : { notices: noticesOf(said) }),
  };
}

function noticesOf({ spot, rebalance, maintenance }: z.output<typeof notices>): readonly CloudNotice[] {
  return [
    ...(spot === undefined ? [] : [{ kind: "spot" as const, ...spot }]),
    ...(rebalance === undefined ? [] : [{ kind: "rebalance" as const, ...rebalance }]),
    ...maintenance.map((event) => ({ kind: "maintenance" as const, ...event })),
  ];
}

/** Date.parse alone guesses at other forms. */
function isTime(value: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(value) && !Number.isNaN(Date.parse(value));
}

function split(addresses: readonly string[]): NonNullable<InstanceFile["addresses"]> {
  return {
    ipv4: addresses.filter((value) => !value.includes(":")),
    ipv6: addresses.filter((value) => value.includes(":")),
  };
}

function normal(value: string): string | undefined {
  return parseIpv4(value) ?? parseIpv6(value);
}
