import {
  type Change,
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  ListHostedZonesByNameCommand,
  ListResourceRecordSetsCommand,
  type ListResourceRecordSetsCommandInput,
  Route53Client,
} from "@aws-sdk/client-route-53";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { type Front, startFront } from "../../../lab/aws-front/front.ts";
import { createRoute53 } from "../../../lab/aws-front/route53.ts";
import { waitFor } from "../../../lab/wait.ts";
import { create, multivalue, remove, set, upsert, weighted } from "./route53-changes.ts";

const address = "127.66.5.6";
const service = createRoute53({
  zones: [
    { id: "ZONE1", name: "example.com.", private: false },
    { id: "ZONE2", name: "example.com.", private: true },
    { id: "ZONE3", name: "another.example.", private: true },
  ],
});
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

beforeEach(() => {
  service.reset?.();
  service.pendingMs = 0;
  service.busyMs = 0;
});

async function send(...Changes: Change[]) {
  const answer = await sdk.send(
    new ChangeResourceRecordSetsCommand({ HostedZoneId: "ZONE1", ChangeBatch: { Changes } }),
  );
  return answer.ChangeInfo;
}

async function list(input: Partial<ListResourceRecordSetsCommandInput> = {}) {
  return await sdk.send(new ListResourceRecordSetsCommand({ HostedZoneId: "ZONE1", ...input }));
}

async function named(input: Partial<ListResourceRecordSetsCommandInput> = {}): Promise<readonly string[]> {
  const { ResourceRecordSets = [] } = await list(input);
  return ResourceRecordSets.map(({ Name, Type, SetIdentifier }) =>
    [Type, Name, SetIdentifier].filter(Boolean).join(" "),
  );
}

test("a batch is taken whole, values as they were sent", async () => {
  const text = String.raw`"one \"two\" \344" "three & <four>"`;
  await send(create("A www 10.0.0.1 10.0.0.2"), create("TXT www", { ResourceRecords: [{ Value: text }] }));
  const { ResourceRecordSets } = await list({ StartRecordName: "www.example.com" });
  expect(ResourceRecordSets).toEqual([
    set("A www 10.0.0.1 10.0.0.2"),
    set("TXT www", { ResourceRecords: [{ Value: text }] }),
  ]);
  expect(service.records("ZONE1")).toHaveLength(2);
});

test("one change that does not fit refuses the batch, and each is said", async () => {
  await send(create("A www 10.0.0.1"));
  const refused = send(create("A new 10.0.0.1"), create("A www 10.0.0.2"), remove("A gone 10.0.0.1"));
  await expect(refused).rejects.toMatchObject({
    name: "InvalidChangeBatch",
    message:
      "[Tried to create resource record set [name='www.example.com.', type='A'] but it already exists, " +
      "Tried to delete resource record set [name='gone.example.com.', type='A'] but it was not found]",
  });
  expect(service.records("ZONE1")).toHaveLength(1);
});

test("what a batch takes away can be made anew in it, in that order", async () => {
  await send(create("A www 10.0.0.1"), create("CNAME alias x.example."));
  await send(
    remove("A www 10.0.0.1"),
    create("A www 10.0.0.2"),
    remove("CNAME alias x.example."),
    create("A alias 10.0.0.1"),
  );
  await expect(send(create("A www 10.0.0.3"), remove("A www 10.0.0.2"))).rejects.toThrow("already exists");
  expect(service.records("ZONE1").map(({ values }) => values)).toEqual([["10.0.0.2"], ["10.0.0.1"]]);
});

function many(count: number, make: typeof create) {
  return Array.from({ length: count }, (_, at) => make(`A n${at} 10.0.${at >> 8}.${at & 255}`));
}

test("a batch holds 1,000 records and 32,000 characters, and an UPSERT counts twice", async () => {
  await send(...many(1_000, create));
  await expect(send(...many(501, upsert))).rejects.toThrow("[Number of records limit of 1000 exceeded.]");
  await expect(send(...many(501, create), ...many(500, remove))).rejects.toThrow("limit of 1000 exceeded");
  const long = Array.from({ length: 130 }, (_, at) => create(`TXT t${at} "${"x".repeat(250)}"`));
  await expect(send(...long)).rejects.toThrow("[RDATA character limit of 32000 exceeded.]");
});

test("a set holds 400 values, and a name 100 sets of one type", async () => {
  const values = Array.from({ length: 401 }, (_, at) => `10.1.${at >> 8}.${at & 255}`);
  await expect(send(create(`A web ${values.join(" ")}`))).rejects.toThrow(
    "[Cannot have more than 400 records in a RRSet.]",
  );
  await send(create(`A web ${values.slice(1).join(" ")}`));
  const weights = Array.from({ length: 101 }, (_, at) => create(`A w 10.0.0.${at}`, weighted(`i-${at}`)));
  await expect(send(...weights)).rejects.toThrow(
    "Exceeded limit on number of weighted RRSets for w.example.com., type A",
  );
  await send(...weights.slice(1));
  const several = Array.from({ length: 101 }, (_, at) => create(`A m 10.0.0.${at}`, multivalue(`i-${at}`)));
  await expect(send(...several)).rejects.toThrow(
    "Exceeded limit on number of multivalue answer RRSets for m.example.com.",
  );
});

test("sets are listed by reversed name, type and identifier, page by page", async () => {
  await send(
    create("A b-1 10.0.0.1"),
    create("A b 10.0.0.2", multivalue("i-2")),
    create("A b 10.0.0.1", multivalue("i-1")),
    create("A a.b 10.0.0.1"),
    create(`TXT _muster.b "x"`),
    create("A * 10.0.0.1"),
  );
  const all = [
    "NS example.com.",
    "SOA example.com.",
    String.raw`A \052.example.com.`,
    "A b-1.example.com.",
    "A b.example.com. i-1",
    "A b.example.com. i-2",
    "TXT _muster.b.example.com.",
    "A a.b.example.com.",
  ];
  expect(await named()).toEqual(all);
  const first = await list({ MaxItems: 5 });
  expect(first).toMatchObject({
    IsTruncated: true,
    NextRecordName: "b.example.com.",
    NextRecordType: "A",
    NextRecordIdentifier: "i-2",
  });
  const { NextRecordName, NextRecordType, NextRecordIdentifier } = first;
  const rest = {
    StartRecordName: NextRecordName,
    StartRecordType: NextRecordType,
    StartRecordIdentifier: NextRecordIdentifier,
  };
  expect(await named(rest)).toEqual(all.slice(5));
  expect(await named({ StartRecordName: "b.example.com", StartRecordType: "TXT" })).toEqual(all.slice(6));
});

test("a change is PENDING for a while, and a zone may be busy with it", async () => {
  service.pendingMs = 300;
  service.busyMs = 300;
  const change = await send(create("A www 10.0.0.1"));
  expect(change).toMatchObject({ Status: "PENDING", Id: expect.stringMatching(/^\/change\/C/) as string });
  await expect(send(create("A www2 10.0.0.1"))).rejects.toMatchObject({ name: "PriorRequestNotComplete" });
  const status = async () => (await sdk.send(new GetChangeCommand({ Id: change?.Id }))).ChangeInfo?.Status;
  expect(await status()).toBe("PENDING");
  await waitFor(async () => (await status()) === "INSYNC", { what: "INSYNC", timeout: 3_000 });
  await send(create("A www2 10.0.0.1"));
  await expect(sdk.send(new GetChangeCommand({ Id: "C0" }))).rejects.toMatchObject({ name: "NoSuchChange" });
});

test("zones are listed from a name on, private and public ones of one name alike", async () => {
  const { HostedZones = [] } = await sdk.send(new ListHostedZonesByNameCommand({ DNSName: "example.com" }));
  expect(HostedZones.map(({ Id, Name, Config }) => [Id, Name, Config?.PrivateZone])).toEqual([
    ["/hostedzone/ZONE1", "example.com.", false],
    ["/hostedzone/ZONE2", "example.com.", true],
    ["/hostedzone/ZONE3", "another.example.", true],
  ]);
  const page = await sdk.send(new ListHostedZonesByNameCommand({ DNSName: "example.com", MaxItems: 1 }));
  expect(page).toMatchObject({ IsTruncated: true, NextDNSName: "example.com.", NextHostedZoneId: "ZONE2" });
  await expect(list({ HostedZoneId: "ZONE9" })).rejects.toMatchObject({
    name: "NoSuchHostedZone",
    message: "No hosted zone found with ID: ZONE9",
  });
});
