import { afterEach, beforeEach, expect, test } from "vitest";
import { createAwsIdentitySource } from "../../../../src/adapters/aws/identity-source.ts";
import { createImds } from "../../../../src/adapters/aws/imds.ts";
import { createLateness, tagsLateMs } from "../../../../src/adapters/aws/lateness.ts";
import { createTagCache } from "../../../../src/adapters/aws/tag-cache.ts";
import type { Tags } from "../../../../src/domain/instance/instance.ts";
import type { IdentitySource } from "../../../../src/ports/identity-source.ts";
import { createFakeClock } from "../../../fakes/clock.ts";
import { createFakeStateFiles } from "../../../fakes/state-files.ts";
import { trouble } from "../../run/world.ts";
import { startMetadata, type MetadataServer } from "./metadata-server.ts";

const { signal: never } = new AbortController();
const id = "i-0a1b2c3d4e5f60718";
const document = {
  accountId: "111122223333",
  availabilityZone: "eu-west-1b",
  instanceId: id,
  privateIp: "10.0.0.7",
  region: "eu-west-1",
};

let server: MetadataServer;
/** What EC2 answers; throws while it cannot be asked. */
let ec2: () => Tags;
let asked: number;
let warnings: string[];
/** What the kernel knows. */
const kernel = { ipv4: ["192.168.0.9"], ipv6: [] };
let files: ReturnType<typeof createFakeStateFiles>;

beforeEach(async () => {
  server = await startMetadata({
    "dynamic/instance-identity/document": JSON.stringify(document),
    "meta-data/local-ipv4": "10.0.0.7",
    "meta-data/local-hostname": "ip-10-0-0-7.eu-west-1.compute.internal extra.example.com",
  });
  ec2 = () => ({ "muster:role": "web" });
  asked = 0;
  warnings = [];
  files = createFakeStateFiles();
});

afterEach(() => server.close());

function source(): IdentitySource {
  const clock = createFakeClock();
  return createAwsIdentitySource({
    imds: createImds({ endpoint: server.endpoint, clock }),
    async describeTags() {
      asked += 1;
      return ec2();
    },
    cache: createTagCache(files, () => clock.now()),
    hostAddresses: async () => kernel,
    onWarning: (code, text) => void warnings.push(`${code}: ${text}`),
    tagPrefix: "muster:",
    isLate: createLateness(clock, tagsLateMs),
  });
}

/** The instance was launched so long before the present moment of a fake clock, in milliseconds. */
function launched(agoMs: number): void {
  const pendingTime = new Date(createFakeClock().now().getTime() - agoMs).toISOString();
  server.pages.set("dynamic/instance-identity/document", JSON.stringify({ ...document, pendingTime }));
}

test.each([
  ["none at all", {}],
  ["only those of others", { Name: "web", "aws:autoscaling:groupName": "web" }],
])("no tag of muster's on a young instance is no answer yet (%s); on an older one it is", async (_words, tags) => {
  ec2 = () => tags;
  launched(5_000);
  await expect(source().read(never)).rejects.toMatchObject({ code: "tags-late", transient: true });
  launched(61_000);
  expect((await source().read(never)).tags).toEqual(tags);
  ec2 = () => ({ ...tags, "muster:role": "web" });
  launched(5_000);
  expect((await source().read(never)).tags).toMatchObject({ "muster:role": "web" });
});

test("where the clock is behind, the launch lies ahead: tags are waited for; a launch at no time waits for nothing", async () => {
  ec2 = () => ({});
  launched(-3_600_000);
  await expect(source().read(never)).rejects.toMatchObject({ code: "tags-late" });
  server.pages.set("dynamic/instance-identity/document", JSON.stringify({ ...document, pendingTime: "soon" }));
  expect((await source().read(never)).tags).toEqual({});
});

test("tags that the metadata shows cost no call, whatever their keys hold", async () => {
  const keys = ["muster:role", "aws:autoscaling:groupName", "a+b=c,d_e@f.g"];
  server.pages.set("meta-data/tags/instance", keys.join("\n"));
  for (const key of keys) server.pages.set(`meta-data/tags/instance/${key}`, `value of ${key}`);
  const { instance, tags, tagsAsOf } = await source().read(never);
  expect(instance).toEqual({
    id,
    cloud: "aws",
    account: "111122223333",
    region: "eu-west-1",
    zone: "eu-west-1b",
    addresses: { ipv4: ["10.0.0.7"], ipv6: [] },
    hostname: "ip-10-0-0-7.eu-west-1.compute.internal",
  });
  expect(tags).toEqual(Object.fromEntries(keys.map((key) => [key, `value of ${key}`])));
  expect([tagsAsOf, asked]).toEqual([undefined, 0]);
});

test("a look asks the metadata for the keys that are wanted and no other", async () => {
  server.pages.set("meta-data/tags/instance", "muster:dns\nName\nmuster:role");
  for (const key of ["muster:dns", "Name", "muster:role"]) server.pages.set(`meta-data/tags/instance/${key}`, key);
  const seen = await source().observe(new Set(["muster:dns", "muster:weight"]), true, never);
  expect(seen).toEqual({ tags: { "muster:dns": "muster:dns" }, costsCall: false });
  expect(server.asked.filter((line) => line.startsWith("GET"))).toEqual([
    "GET meta-data/tags/instance",
    "GET meta-data/tags/instance/muster:dns",
  ]);
});

test("a look where the metadata shows no tags costs a call, and says nothing of what was before", async () => {
  ec2 = () => ({ "muster:role": "web", Name: "x" });
  expect(await source().observe(new Set(["muster:role"]), false, never)).toEqual({ tags: undefined, costsCall: true });
  expect(asked).toBe(0);
  expect(await source().observe(new Set(["muster:role"]), true, never)).toEqual({
    tags: { "muster:role": "web" },
    costsCall: true,
  });
  await source().read(never);
  ec2 = () => {
    throw trouble("aws-unreachable", true);
  };
  await expect(source().observe(new Set(["muster:role"]), true, never)).rejects.toMatchObject({
    code: "aws-unreachable",
  });
});

test("the id alone costs no call, whatever the metadata shows", async () => {
  expect([await source().instanceId(never), asked]).toEqual([id, 0]);
});

test("a tag that goes away while it is read is no tag", async () => {
  server.pages.set("meta-data/tags/instance", "gone\nhere");
  server.pages.set("meta-data/tags/instance/here", "x");
  expect((await source().read(never)).tags).toEqual({ here: "x" });
});

test("without tags in the metadata EC2 is asked, and remembered for when it cannot be", async () => {
  expect(await source().read(never)).toMatchObject({ tags: { "muster:role": "web" } });
  ec2 = () => {
    throw trouble("aws-unreachable", true);
  };
  expect(await source().read(never)).toMatchObject({
    tags: { "muster:role": "web" },
    tagsAsOf: "2026-01-01T00:00:00.000Z",
  });
  expect(asked).toBe(2);
});

test("tags of the instance that an image was made from are not this one's", async () => {
  await source().read(never);
  server.pages.set(
    "dynamic/instance-identity/document",
    JSON.stringify({ ...document, instanceId: "i-0ffffffffffffffff" }),
  );
  ec2 = () => {
    throw trouble("aws-unreachable", true);
  };
  await expect(source().read(never)).rejects.toMatchObject({ code: "aws-unreachable" });
});

test("every address that the instance has is told", async () => {
  server.pages.set("meta-data/tags/instance", "");
  server.pages.set("meta-data/ipv6", "2001:db8::7");
  server.pages.set("meta-data/public-ipv4", "198.51.100.7\n");
  expect((await source().read(never)).instance.addresses).toEqual({
    ipv4: ["10.0.0.7"],
    ipv6: ["2001:db8::7"],
    publicIpv4: "198.51.100.7",
  });
});

test.each(["", "<html>", "{}", JSON.stringify({ ...document, instanceId: "../../x" })])(
  "a document that is none is tried again: %j",
  async (text) => {
    server.pages.set("dynamic/instance-identity/document", text);
    await expect(source().read(never)).rejects.toMatchObject({ code: "imds-failed", transient: true });
  },
);

test.each([
  ["<html>", 'it is no JSON: "<html>"'],
  ["{}", "it has no accountId"],
  [JSON.stringify({ ...document, region: "eu-west-1 " }), 'its region is "eu-west-1 "'],
  [JSON.stringify({ ...document, accountId: 5 }), 'its accountId is "5"'],
])("what is wrong with a document is told: %j", async (text, why) => {
  server.pages.set("dynamic/instance-identity/document", text);
  await expect(source().read(never)).rejects.toThrow(`no usable identity document: ${why}`);
});

const ipv6 = "2001:db8:1234:1a00::123";

// An IPv6-only instance has no page local-ipv4; its document holds the IPv6 address as privateIp, and null in other
// fields that do not apply. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-identity-documents.html
test.each([
  ["the IPv6 address, and a page", ipv6, ipv6],
  ["the IPv6 address alone", "2001:DB8:1234:1A00:0::123", undefined],
  ["null, and a page", null, ipv6],
  ["nothing, and a page", undefined, ipv6],
])("on an IPv6-only instance the document says %s", async (_what, privateIp, page) => {
  server.pages.set("dynamic/instance-identity/document", JSON.stringify({ ...document, privateIp }));
  server.pages.delete("meta-data/local-ipv4");
  if (page !== undefined) server.pages.set("meta-data/ipv6", page);
  expect((await source().read(never)).instance.addresses).toEqual({ ipv4: [], ipv6: [ipv6] });
  expect(warnings).toEqual([]);
});

test("the addresses alone cost no call, and follow the metadata", async () => {
  const one = source();
  server.pages.set("meta-data/public-ipv4", "198.51.100.7");
  expect(await one.addresses(never)).toEqual({ ipv4: ["10.0.0.7"], ipv6: [], publicIpv4: "198.51.100.7" });
  server.pages.set("meta-data/public-ipv4", "198.51.100.8");
  expect(await one.addresses(never)).toEqual({ ipv4: ["10.0.0.7"], ipv6: [], publicIpv4: "198.51.100.8" });
  expect(asked).toBe(0);
});

test("where the metadata tells no address the kernel does", async () => {
  server.pages.set("dynamic/instance-identity/document", JSON.stringify({ ...document, privateIp: null }));
  server.pages.delete("meta-data/local-ipv4");
  expect((await source().read(never)).instance.addresses).toEqual(kernel);
});

test("a malformed private address in the document loses nothing else", async () => {
  server.pages.set("dynamic/instance-identity/document", JSON.stringify({ ...document, privateIp: 7 }));
  expect((await source().read(never)).instance).toMatchObject({ id, addresses: { ipv4: ["10.0.0.7"] } });
});

test.each([
  ["public-ipv4", "198.51.100.700", "an IPv4 address", { publicIpv4: "198.51.100.700" }],
  ["ipv6", "2001:db8::x", "an IPv6 address", { ipv6: ["2001:db8::x"] }],
  ["local-ipv4", "10.0.0", "an IPv4 address", { ipv4: ["10.0.0.7"] }],
])("a malformed %s is no absent one, is said once, and loses nothing else", async (page, text, expected, addresses) => {
  server.pages.set(`meta-data/${page}`, text);
  const one = source();
  for (const _ of [1, 2]) expect((await one.read(never)).instance).toMatchObject({ id, addresses });
  expect(warnings).toEqual([
    `metadata-malformed: The metadata page meta-data/${page} says "${text}", which is not ${expected}: what needs it is refused`,
  ]);
});

test("of several addresses the malformed one is left out", async () => {
  server.pages.set("meta-data/ipv6", "x\n2001:DB8::7");
  expect((await source().read(never)).instance.addresses.ipv6).toEqual(["2001:db8::7"]);
  expect(warnings).toHaveLength(1);
});

test("a host name that is none is said; a page without one is as none", async () => {
  server.pages.set("meta-data/local-hostname", "ip_10.0.0..7");
  expect((await source().read(never)).instance.hostname).toBe("ip_10.0.0..7");
  expect(warnings[0]).toContain('meta-data/local-hostname says "ip_10.0.0..7", which is not a host name');
  server.pages.set("meta-data/local-hostname", "\n");
  expect((await source().read(never)).instance.hostname).toBe(id);
});
