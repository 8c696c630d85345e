// How the SDK's clients reach AWS under the runtimes of the tests and of the product: authorities of AWS_CA_BUNDLE, and
// HTTP proxies.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer as createPlain } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { describeTags } from "../../src/adapters/aws/tags.ts";
import { createImds } from "../../src/adapters/aws/imds.ts";
import * as services from "../../src/adapters/aws/services.ts";
import type { Transport } from "../../src/adapters/aws/transport.ts";
import { createProxies } from "../../src/adapters/host/proxies.ts";
import type { ProxySettings } from "../../src/domain/settings/proxy.ts";
import { startHttpProxy, type HttpProxy, type HttpProxyOptions } from "../lab/services/http-proxy.ts";

const { signal } = new AbortController();
const plain = { region: async () => "eu-west-1", onCall: () => undefined, monotonicMs: () => performance.now() };
const file = (name: string): string => join(directory, name);
let directory: string;
let server: Server;
let proxy: HttpProxy;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "muster-transport-"));
  makeCertificate("aws");
  server = createServer({ key: readFileSync(file("aws.key")), cert: readFileSync(file("aws.pem")) }, (_, response) => {
    response.end("<DescribeTagsResponse><tagSet/></DescribeTagsResponse>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  process.env["AWS_ENDPOINT_URL"] = `https://localhost:${own(server)}`;
  process.env["AWS_ACCESS_KEY_ID"] = "AKIAEXAMPLE";
  process.env["AWS_SECRET_ACCESS_KEY"] = "a-secret-of-this-test";
});

afterEach(async () => {
  await proxy?.close();
  delete process.env["AWS_ENDPOINT_URL"];
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(directory, { recursive: true, force: true });
});

function makeCertificate(name: string): void {
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-keyout", file(`${name}.key`)];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,DNS:*.aws.test,IP:127.0.0.1"];
  const args = ["req", "-x509", "-days", "2", ...key, ...subject, "-out", file(`${name}.pem`)];
  execFileSync("openssl", args, { stdio: "ignore" });
}

function asking(transport: Transport, maxAttempts = 1): Promise<unknown> {
  return describeTags({ ...plain, maxAttempts, transport }, "i-1", signal);
}

test("AWS's certificate is held against the authorities of the file, and against no others", async () => {
  makeCertificate("other");
  writeFileSync(file("both.pem"), readFileSync(file("other.pem"), "utf8") + readFileSync(file("aws.pem"), "utf8"));
  await expect(asking({})).rejects.toMatchObject({ code: "aws-certificate-refused" });
  await expect(asking({ authorities: file("other.pem") })).rejects.toMatchObject({ code: "aws-certificate-refused" });
  expect(await asking({ authorities: file("aws.pem") })).toEqual({});
  expect(await asking({ authorities: file("both.pem") })).toEqual({});
});

test.each([
  ["is not there", undefined, "cannot be read (ENOENT)"],
  ["is empty", "", "holds no certificate in PEM"],
  ["is a key", "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n", "holds no certificate in PEM"],
  [
    "is damaged",
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    "holds a certificate that is damaged",
  ],
])("a file of authorities that %s is said, and nothing is asked", async (_, text, why) => {
  if (text !== undefined) writeFileSync(file("ca.pem"), text);
  await expect(asking({ authorities: file("ca.pem") })).rejects.toMatchObject({
    code: "aws-certificate-refused",
    message: `AWS cannot be asked: AWS_CA_BUNDLE names ${file("ca.pem")}, which ${why}`,
  });
});

test("a file of authorities that is made later counts from the next call on", async () => {
  const deps = { authorities: file("late.pem") };
  await expect(asking(deps)).rejects.toMatchObject({ code: "aws-certificate-refused", transient: true });
  writeFileSync(file("late.pem"), readFileSync(file("aws.pem")));
  expect(await asking(deps)).toEqual({});
});

/** The server has a name that only the proxy knows. */
async function behindProxy(options: Omit<HttpProxyOptions, "route"> = {}): Promise<HttpProxy> {
  const port = own(server);
  process.env["AWS_ENDPOINT_URL"] = `https://ec2.aws.test:${port}`;
  proxy = await startHttpProxy({ ...options, route: (_, wanted) => ({ host: "127.0.0.1", port: wanted }) });
  return proxy;
}

function by(settings: ProxySettings, env: Readonly<Record<string, string>> = {}): Transport {
  return { authorities: file("aws.pem"), proxies: createProxies(settings, env) };
}

test("calls go through the proxy of the settings, on one connection, and the proxy finds the server", async () => {
  const { url, requests } = await behindProxy();
  const transport = by({ https: url });
  const api = services.createEc2({ ...plain, transport });
  for (const _ of [1, 2]) await api.call((sdk) => new sdk.DescribeTagsCommand({}), signal);
  api.close();
  expect(requests).toEqual([`CONNECT ${new URL(process.env["AWS_ENDPOINT_URL"] ?? "").host}`]);
});

test("user and password of the file, and those of a variable, reach the proxy", async () => {
  const credentials = "us%er:p@ss:w/ord";
  const { url, requests } = await behindProxy({ credentials });
  writeFileSync(file("credentials"), `${credentials}\n`, { mode: 0o600 });
  expect(await asking(by({ https: url, credentials: file("credentials") }))).toEqual({});
  const variable = url.replace("//", "//us%25er:p%40ss%3Aw%2Ford@");
  expect(await asking(by({}, { HTTPS_PROXY: variable }))).toEqual({});
  expect(requests).toHaveLength(2);
});

test("over http the proxy gets the whole URL, and its 407 is its own answer", async () => {
  const { url, requests } = await behindProxy({ credentials: "user:password" });
  const aws = createPlain((_, response) => void response.end("<DescribeTagsResponse><tagSet/></DescribeTagsResponse>"));
  await new Promise<void>((resolve) => aws.listen(0, "127.0.0.1", resolve));
  try {
    process.env["AWS_ENDPOINT_URL"] = `http://ec2.aws.test:${(aws.address() as AddressInfo).port}`;
    expect(await asking(by({}, { http_proxy: url.replace("//", "//user:password@") }))).toEqual({});
    expect(requests).toEqual([`POST ${process.env["AWS_ENDPOINT_URL"]}/`]);
    await expect(asking(by({ http: url }))).rejects.toMatchObject({ code: "proxy-refused" });
  } finally {
    aws.closeAllConnections();
    await new Promise((resolve) => aws.close(resolve));
  }
});

test("every client of the product takes the proxy", async () => {
  const { url, requests } = await behindProxy();
  requests.length = 0;
  const deps = { ...plain, transport: by({ https: url }) };
  const [ec2, elb, elbV2, scaling, route53, sts] = [
    services.createEc2(deps),
    services.createElb(deps),
    services.createElbV2(deps),
    services.createAutoScaling(deps),
    services.createRoute53Api(deps),
    services.createStsApi(deps),
  ];
  const asks = [
    () => ec2.call((sdk) => new sdk.DescribeTagsCommand({}), signal),
    () => elb.call((sdk) => new sdk.DescribeLoadBalancersCommand({}), signal),
    () => elbV2.call((sdk) => new sdk.DescribeTargetGroupsCommand({}), signal),
    () => scaling.call((sdk) => new sdk.DescribeAutoScalingGroupsCommand({}), signal),
    () => route53.call((sdk) => new sdk.ListHostedZonesByNameCommand({}), signal),
    () => sts.call((sdk) => new sdk.AssumeRoleCommand({ RoleArn: "arn:x", RoleSessionName: "x" }), signal),
  ];
  for (const ask of asks) await ask().catch(() => undefined);
  for (const api of [ec2, elb, elbV2, scaling, route53, sts]) api.close();
  expect(requests.length).toBe(asks.length);
  // A new function of services.ts belongs into this test.
  expect(Object.values(services)).toHaveLength(asks.length);
});

test("what is exempt, this machine and the metadata are reached directly", async () => {
  const { url, requests } = await behindProxy();
  const port = own(server);
  await expect(asking(by({ https: url, noProxy: ["aws.test"] }))).rejects.toMatchObject({
    code: "aws-name-unresolved",
  });
  process.env["AWS_ENDPOINT_URL"] = `https://localhost:${port}`;
  expect(await asking(by({ https: url }))).toEqual({});
  const metadata = createPlain((request, response) => void response.end(request.method === "PUT" ? "token" : "i-own"));
  await new Promise<void>((resolve) => metadata.listen(0, "127.0.0.1", resolve));
  try {
    const endpoint = `http://127.0.0.1:${(metadata.address() as AddressInfo).port}`;
    const imds = createImds({ endpoint, clock: { monotonicMs: () => performance.now() } });
    expect(await imds.get("meta-data/instance-id", signal)).toBe("i-own");
  } finally {
    metadata.closeAllConnections();
    await new Promise((resolve) => metadata.close(resolve));
  }
  expect(requests).toEqual([]);
});

test.each([
  ["asks for a password", { refuseWith: 407 }, "proxy-refused", "it refuses requests without a password (HTTP 407)"],
  ["forbids the server", { refuseWith: 403 }, "proxy-refused", "it refuses the connection to the server (HTTP 403)"],
  [
    "does not reach the server",
    { refuseWith: 502 },
    "proxy-refused",
    "it refuses the connection to the server (HTTP 502)",
  ],
] as const)("a proxy that %s is told as the proxy's doing", async (_, { refuseWith }, code, words) => {
  const standing = await behindProxy();
  standing.refuseWith = refuseWith;
  await expect(asking(by({ https: standing.url }))).rejects.toMatchObject({
    ...{ code, transient: true },
    message: expect.stringContaining(`the proxy ${standing.url} (proxy.https): ${words}`) as string,
  });
});

test("a wrong password is told as such, and is in no word of the error", async () => {
  const { url } = await behindProxy({ credentials: "user:right" });
  const variable = url.replace("//", "//user:wrong-secret@");
  const refusal: unknown = await asking(by({}, { HTTPS_PROXY: variable })).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: "proxy-refused" });
  expect((refusal as Error).message).toContain(
    `the proxy ${url} (HTTPS_PROXY): it refuses the user or password (HTTP 407)`,
  );
  expect(inspect(refusal, { depth: 20, showHidden: true })).not.toMatch(/wrong-secret|dXNlcjp3cm9uZy1zZWNyZXQ/);
});

test.each([
  ["that is gone", async () => (await behindProxy()).close(), () => proxy.url, "it refuses the connection"],
  ["without a name", behindProxy, () => "http://proxy.invalid:3128", "its name does not resolve"],
  ["that is none", behindProxy, () => `http://127.0.0.1:${own(server)}`, "it breaks off, or is no HTTP proxy"],
  ["without TLS", behindProxy, () => proxy.url.replace("http:", "https:"), "it speaks no TLS"],
])("a proxy %s is told as the proxy's doing", async (_, prepare, urlOf, words) => {
  await prepare();
  const url = urlOf();
  await expect(asking(by({ https: url }))).rejects.toMatchObject({
    ...{ code: "proxy-unreachable", transient: true },
    message: expect.stringContaining(`through the proxy ${url} (proxy.https): ${words}`) as string,
  });
});

function own(listening: Server): number {
  return (listening.address() as AddressInfo).port;
}
