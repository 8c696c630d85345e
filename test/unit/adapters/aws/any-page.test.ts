// Pages of the metadata service with any JSON in any field: a part is lost, or the page; never a crash, never the rest.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createCredentialSource, NoCredentials } from "../../../../src/adapters/aws/credentials.ts";
import { createAwsIdentitySource } from "../../../../src/adapters/aws/identity-source.ts";
import type { Imds } from "../../../../src/adapters/aws/imds.ts";
import { createAwsNotices } from "../../../../src/adapters/aws/notices.ts";
import { MusterError } from "../../../../src/domain/errors/errors.ts";
import { createFakeClock } from "../../../fakes/clock.ts";

const { signal } = new AbortController();

/** What AWS or an impostor may put where a value is expected. */
const odd = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    "",
    undefined,
    "Never.Heard",
    0,
    -1,
    1e308,
    true,
    [],
    {},
    [null],
    "\0",
    "9".repeat(300),
  ),
  fc.jsonValue(),
);

/** The good page with some of its fields replaced. */
function damaged(good: Readonly<Record<string, unknown>>): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  const some = fc.record(Object.fromEntries(Object.keys(good).map((key) => [key, odd])), { requiredKeys: [] });
  return some.map((fields) => ({ ...good, ...fields }));
}

function imdsOf(pages: Readonly<Record<string, string>>): Imds {
  return { get: async (path) => pages[path] };
}

const event = {
  NotBefore: "21 Jan 2027 09:00:43 GMT",
  NotAfter: "21 Jan 2027 09:17:23 GMT",
  Code: "system-reboot",
  Description: "a reboot",
  EventId: "e-1",
  State: "active",
};
const spot = { action: "terminate", time: "2026-11-21T08:02:00Z" };
const rebalance = { noticeTime: "2026-11-21T08:00:00Z" };

function noticesOf(pages: Readonly<Record<string, string>>) {
  const notices = createAwsNotices({ imds: imdsOf(pages), clock: createFakeClock(), onWarning: () => undefined });
  return notices.pending(signal);
}

test("an odd event of maintenance costs no other event, and an odd page no other page", async () => {
  await fc.assert(
    fc.asyncProperty(damaged(event), odd, damaged(spot), odd, async (one, other, interruption, page) => {
      const told = await noticesOf({
        "meta-data/instance-life-cycle": "spot",
        "meta-data/events/maintenance/scheduled": JSON.stringify([one, { ...event, EventId: "good" }, other]),
        "meta-data/spot/instance-action": JSON.stringify(interruption),
        "meta-data/events/recommendations/rebalance": JSON.stringify(page) ?? "",
      });
      expect(told).toContainEqual(expect.objectContaining({ id: "good", code: "system-reboot", state: "active" }));
      for (const notice of told) {
        const times = notice.kind === "maintenance" ? [notice.notBefore] : [];
        const at = notice.kind === "spot" ? [notice.at] : notice.kind === "rebalance" ? [notice.noticedAt] : times;
        for (const time of at) expect(new Date(time).toISOString()).toBe(time);
      }
    }),
  );
});

test("a readable time announces the interruption, whatever the action is", async () => {
  await fc.assert(
    fc.asyncProperty(odd, async (action) => {
      const told = await noticesOf({ "meta-data/spot/instance-action": JSON.stringify({ ...spot, action }) });
      expect(told).toEqual([expect.objectContaining({ kind: "spot", at: "2026-11-21T08:02:00.000Z" })]);
    }),
  );
});

test("a lifecycle that is unknown asks for the notices of a spot instance", async () => {
  const announced = { "meta-data/events/recommendations/rebalance": JSON.stringify(rebalance) };
  for (const life of ["spot", "scheduled", "capacity-block", "Never.Heard", "", undefined]) {
    const page = life === undefined ? {} : { "meta-data/instance-life-cycle": life };
    expect(await noticesOf({ ...announced, ...page })).toHaveLength(1);
  }
  expect(await noticesOf({ ...announced, "meta-data/instance-life-cycle": "on-demand\n" })).toEqual([]);
});

const document = {
  accountId: "111122223333",
  availabilityZone: "eu-west-1a",
  instanceId: "i-0123456789abcdef0",
  privateIp: "10.0.0.5",
  region: "eu-west-1",
  // Fields that are not read, as AWS has them null.
  billingProducts: null,
  devpayProductCodes: null,
  kernelId: null,
  ramdiskId: null,
};

test("an identity document is read, or refused by name", async () => {
  await fc.assert(
    fc.asyncProperty(damaged(document), fc.string(), fc.string(), async (page, address, hostname) => {
      const source = createAwsIdentitySource({
        imds: imdsOf({
          "dynamic/instance-identity/document": JSON.stringify(page),
          "meta-data/local-ipv4": address,
          "meta-data/ipv6": hostname,
          "meta-data/local-hostname": hostname,
          "meta-data/tags/instance": "",
        }),
        describeTags: async () => ({}),
        hostAddresses: async () => ({ ipv4: [], ipv6: [] }),
        cache: { read: async () => undefined, keep: async () => undefined },
        onWarning: () => undefined,
        tagPrefix: "muster:",
        isLate: () => false,
      });
      const read = await source.read(signal).catch((error: unknown) => error);
      if (read instanceof Error) expect(read).toBeInstanceOf(MusterError);
      else expect(read).toMatchObject({ instance: { cloud: "aws", id: expect.stringMatching(/^i-/) as string } });
    }),
  );
});

const keys = {
  Code: "Success",
  AccessKeyId: "ASIAEXAMPLE",
  SecretAccessKey: "the-secret-of-this-test",
  Token: "the-token-of-this-test",
  Expiration: "2026-11-21T08:02:00Z",
};

const fixed = { now: () => new Date(0), region: async () => "eu-west-1" };

function provide(page: unknown) {
  const directory = "meta-data/iam/security-credentials/";
  const imds = imdsOf({ [directory]: "web\n", [`${directory}web`]: JSON.stringify(page) ?? "" });
  return createCredentialSource("instance", { imds, refusals: { count: 0 }, ...fixed }).provide();
}

test("credentials are whole, or there are none, and no error holds a part of them", async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(damaged(keys), odd), async (page) => {
      const found = await provide(page).catch((error: unknown) => error);
      if (!(found instanceof Error)) {
        for (const part of Object.values(found as object)) expect(part).toBeTruthy();
        return;
      }
      expect(found).toBeInstanceOf(NoCredentials);
      expect(found.message).not.toMatch(/of-this-test/);
    }),
  );
});

// docs.aws.amazon.com, "Troubleshoot IAM roles for Amazon EC2": the codes of a page without credentials.
test.each(["AssumeRoleUnauthorizedAccess", "InstanceProfileNotFound", "Failed", "success", "Never.Heard"])(
  "Code %s is no success, and is named",
  async (Code) => {
    await expect(provide({ ...keys, Code })).rejects.toThrow(`Code is ${JSON.stringify(Code)}`);
  },
);
