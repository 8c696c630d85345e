import { afterEach, beforeEach, expect, test } from "vitest";
import { createImds, imdsEndpointOf, type Imds } from "../../../../src/adapters/aws/imds.ts";
import { createFakeClock, type FakeClock } from "../../../fakes/clock.ts";
import { startMetadata, type MetadataServer } from "./metadata-server.ts";

const { signal: never } = new AbortController();
let server: MetadataServer;
let clock: FakeClock;
let imds: Imds;

beforeEach(async () => {
  server = await startMetadata({ "meta-data/instance-id": "i-1", "meta-data/mac": "02:00" });
  clock = createFakeClock();
  imds = createImds({ endpoint: `${server.endpoint}/`, clock });
});

afterEach(() => server.close());

function tokensAsked(): number {
  return server.asked.filter((request) => request === "PUT api/token").length;
}

test("one token serves everybody, also those who ask at once", async () => {
  const paths = ["meta-data/instance-id", "meta-data/mac", "meta-data/nothing"];
  expect(await Promise.all(paths.map((path) => imds.get(path, never)))).toEqual(["i-1", "02:00", undefined]);
  expect(await imds.get("meta-data/mac", never)).toBe("02:00");
  expect(tokensAsked()).toBe(1);
});

test("a token is renewed before its time is over", async () => {
  await imds.get("meta-data/mac", never);
  clock.advance(5 * 3_600_000);
  await imds.get("meta-data/mac", never);
  expect(tokensAsked()).toBe(1);
  clock.advance(3_600_000);
  await imds.get("meta-data/mac", never);
  expect(tokensAsked()).toBe(2);
});

test("a token that is refused is renewed once", async () => {
  await imds.get("meta-data/mac", never);
  server.expireTokens();
  expect(await imds.get("meta-data/mac", never)).toBe("02:00");
  expect(tokensAsked()).toBe(2);
});

test("an answer that is too long is an error, and never its first half", async () => {
  await server.close();
  server = await startMetadata({ "user-data": "x".repeat(256 * 1024), "meta-data/tags": "x".repeat(256 * 1024 + 1) });
  imds = createImds({ endpoint: `${server.endpoint}/`, clock });
  expect((await imds.get("user-data", never))?.length).toBe(256 * 1024);
  await expect(imds.get("meta-data/tags", never)).rejects.toMatchObject({ code: "imds-failed", transient: true });
});

test("503 for a token passes: it is asked for again the next time", async () => {
  server.tokenStatus = [503, 200];
  await expect(imds.get("meta-data/mac", never)).rejects.toMatchObject({ code: "imds-failed", transient: true });
  expect(await imds.get("meta-data/mac", never)).toBe("02:00");
});

test("403 for a token is final: the service is switched off", async () => {
  server.tokenStatus = [403];
  const switchedOff = { code: "imds-disabled", transient: false };
  await expect(imds.get("meta-data/mac", never)).rejects.toMatchObject(switchedOff);
  await expect(Promise.all([imds.get("a", never), imds.get("b", never)])).rejects.toMatchObject(switchedOff);
  expect(server.asked.filter((request) => request.startsWith("GET"))).toEqual([]);
});

test("a service that is not there yet is worth another try", async () => {
  await server.close();
  const failed = imds.get("meta-data/mac", never);
  await expect(failed).rejects.toMatchObject({ code: "imds-unreachable", transient: true });
  await expect(failed).rejects.toThrow("refuses the connection");
});

test("a service that says nothing is given up after two seconds", async () => {
  server.silent = true;
  const begun = performance.now();
  await expect(imds.get("meta-data/mac", never)).rejects.toMatchObject({ code: "imds-unreachable", transient: true });
  expect(performance.now() - begun).toBeLessThan(5_000);
});

test("an abort ends a request at once, with its reason, and nobody else's", async () => {
  server.silent = true;
  const cancel = new AbortController();
  const mine = imds.get("meta-data/mac", cancel.signal);
  const others = imds.get("meta-data/instance-id", never);
  setTimeout(() => {
    server.silent = false;
    cancel.abort(new Error("enough"));
  }, 50);
  await expect(mine).rejects.toThrow("enough");
  expect(await others).toBe("i-1");
});

// EC2 User Guide, "Access instance metadata"; AWS SDKs and Tools Reference Guide, "IMDS client".
test.each([
  [{}, "http://169.254.169.254"],
  [{ AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: "IPv4" }, "http://169.254.169.254"],
  [{ AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: "IPv6" }, "http://[fd00:ec2::254]"],
  [{ AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: "ipv6" }, "http://[fd00:ec2::254]"],
  [
    {
      AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: "IPv6",
      AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://[::1]:1338",
    },
    "http://[::1]:1338",
  ],
])("with %j the metadata is at %s", (env, endpoint) => {
  expect(imdsEndpointOf(env)).toBe(endpoint);
});

test("the metadata is read by IPv6, and where nothing listens the words name that address", async () => {
  await server.close();
  server = await startMetadata({ "meta-data/mac": "02:00" }, "::1");
  imds = createImds({ endpoint: server.endpoint, clock });
  expect(await imds.get("meta-data/mac", never)).toBe("02:00");
  await server.close();
  const closed = createImds({ endpoint: server.endpoint, clock });
  await expect(closed.get("meta-data/mac", never)).rejects.toMatchObject({
    code: "imds-unreachable",
    hint: expect.stringContaining(`nothing filters ${new URL(server.endpoint).host}`) as string,
  });
  server = await startMetadata();
});
