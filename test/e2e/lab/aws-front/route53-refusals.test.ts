import {
  type Change,
  ChangeResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
} from "@aws-sdk/client-route-53";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { type Front, startFront } from "../../../lab/aws-front/front.ts";
import { createRoute53 } from "../../../lab/aws-front/route53.ts";
import { create, multivalue, remove, upsert, weighted } from "./route53-changes.ts";

const address = "127.66.5.7";
const service = createRoute53({ zones: [{ id: "ZONE1", name: "example.com.", private: false }] });
let front: Front;
let sdk: Route53Client;

beforeAll(async () => {
  front = await startFront({ address, port: 4566, upstream: `http://${address}:9`, handlers: [service] });
  const credentials = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "secret" };
  sdk = new Route53Client({ endpoint: front.endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
});

afterAll(async () => {
  sdk?.destroy();
  await front?.stop();
});

beforeEach(() => service.reset?.());

async function send(...Changes: Change[]) {
  const answer = await sdk.send(
    new ChangeResourceRecordSetsCommand({ HostedZoneId: "ZONE1", ChangeBatch: { Changes } }),
  );
  return answer.ChangeInfo;
}

test.each<[string, Change[], Change[], RegExp]>([
  [
    "other values",
    [create("A www 10.0.0.1")],
    [remove("A www 10.0.0.2")],
    /values provided do not match the current values/,
  ],
  ["another TTL", [create("A www 10.0.0.1")], [remove("A www 10.0.0.1", { TTL: 61 })], /do not match/],
  [
    "another weight",
    [create("A w 10.0.0.1", weighted("a"))],
    [remove("A w 10.0.0.1", weighted("a", 2))],
    /do not match/,
  ],
  [
    "a set of that identifier",
    [create("A w 10.0.0.1", weighted("a"))],
    [create("A w 10.0.0.2", weighted("a"))],
    /set-identifier='a'\] but it already exists/,
  ],
  [
    "the same set twice",
    [],
    [create("A www 10.0.0.1"), upsert("A www 10.0.0.2")],
    /invalid set of changes for a resource record set 'A www\.example\.com\.'/,
  ],
  [
    "a CNAME beside others",
    [create("A www 10.0.0.1")],
    [create("CNAME www x.example.")],
    /CNAME with DNS name www.* conflicts with other records/,
  ],
  [
    "others beside a CNAME",
    [create("CNAME www x.example.")],
    [create("A www 10.0.0.1")],
    /conflicting RRSet of type CNAME/,
  ],
  ["a CNAME at the apex", [], [create("CNAME @ x.example.")], /not permitted at apex in zone example\.com\./],
  [
    "a simple set beside weighted ones",
    [create("A w 10.0.0.1", weighted("a"))],
    [create("A w 10.0.0.2")],
    /as other RRSets exist/,
  ],
  [
    "a weighted set beside a simple one",
    [create("A w 10.0.0.1")],
    [create("A w 10.0.0.2", weighted("a"))],
    /SetIdentifier a cannot be created as a non-weighted set exists/,
  ],
  [
    "a multivalue set beside a weighted one",
    [create("A w 10.0.0.1", weighted("a"))],
    [create("A w 10.0.0.2", multivalue("b"))],
    /non multivalue answer rrset exists/,
  ],
  [
    "weighted sets of different TTL",
    [create("A w 10.0.0.1", weighted("a"))],
    [create("A w 10.0.0.2", { ...weighted("b"), TTL: 61 })],
    /must contain the same TTL/,
  ],
  [
    "an address that is none",
    [],
    [create("A www 10.0.0.256")],
    /ARRDATAIllegalIPv4Address .* encountered with '10\.0\.0\.256'/,
  ],
  ["an IPv6 address that is none", [], [create("AAAA www 10.0.0.1")], /Value is not a valid IPv6 address/],
  ["text without quotes", [], [create("TXT www text")], /should be enclosed in quotation marks/],
  ["text that is too long", [], [create(`TXT www "${"x".repeat(256)}"`)], /Value is too long/],
  ["one value twice", [], [create("A www 10.0.0.1 10.0.0.1")], /Duplicate Resource Record: '10\.0\.0\.1'/],
  [
    "a name of another zone",
    [],
    [create("A x 10.0.0.1", { Name: "example.org" })],
    /example\.org\. is not permitted in zone example\.com\./,
  ],
])("refused: %s", async (_what, before, changes, message) => {
  if (before.length > 0) await send(...before);
  const kept = service.records("ZONE1");
  await expect(send(...changes)).rejects.toMatchObject({
    name: "InvalidChangeBatch",
    message: expect.stringMatching(message) as string,
  });
  expect(service.records("ZONE1")).toEqual(kept);
});

test.each<[string, Partial<ResourceRecordSet>, RegExp]>([
  [
    "an identifier without a policy",
    { SetIdentifier: "a" },
    /Expected exactly one of \[Weight.*found none .*SetIdentifier=a\]/,
  ],
  ["two policies", { SetIdentifier: "a", Weight: 1, MultiValueAnswer: true }, /found more than one/],
  ["a policy without an identifier", { Weight: 1 }, /Missing field 'SetIdentifier'/],
])("no valid request: %s", async (_what, rest, message) => {
  await expect(send(create("A www 10.0.0.1", rest))).rejects.toMatchObject({
    name: "InvalidInput",
    message: expect.stringMatching(message) as string,
  });
});
