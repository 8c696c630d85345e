import { parseIpv4, parseIpv6 } from "../domain/address.ts";
import type { InstanceFile } from "../domain/instance.ts";
import { z } from "zod";
import { readDocument, type Kind } from "./document.ts";
import { isDnsName, list, map, record, text } from "./leaves.ts";

const word = (expected: string) => text(expected, "name", (value) => /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(value));

const address = text("an IP address", "IP address", (value) => normal(value) !== undefined).transform(
  (value) => normal(value) ?? "",
);

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
      "The addresses to be reached at, the best one first; by default the machine's own, those of its default route first.",
    ),
  hostname: text("a host name", "host name", isDnsName).exactOptional().describe("By default the machine's own."),
  tags: record(
    text("at most 128 characters", "text", (value) => value.length <= 128),
    z.string({ error: "text" }).max(256, { error: "text of at most 256 characters" }).meta({ title: "text" }),
    "a map of tags",
  )
    .prefault({})
    .describe("The tags of the instance, by their full keys."),
}).describe("/etc/muster/instance.yaml, on the local cloud");

/**
 * What IMDS would have said.
 * @param file what to call the file in errors
 * @throws InvalidFileError `instance-file-invalid` with every problem
 */
export function parseInstanceFile(text: string, file: string): InstanceFile {
  const kind: Kind = { code: "instance-file-invalid", subject: "The instance file is" };
  const { value } = readDocument(kind, [{ file, text }], instanceSchema);
  const { addresses, region, ...rest } = value;
  return {
    ...rest,
    region: region ?? value.zone.replace(/-[^-]*$/, ""),
    ...(addresses === undefined ? {} : { addresses: split(addresses) }),
  };
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
