// How the SDK's clients reach AWS under the runtimes of the tests and of the product: authorities of AWS_CA_BUNDLE.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { AwsDeps } from "../../src/adapters/aws/call.ts";
import { describeTags } from "../../src/adapters/aws/tags.ts";

const { signal } = new AbortController();
const file = (name: string): string => join(directory, name);
let directory: string;
let server: Server;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "muster-transport-"));
  makeCertificate("aws");
  server = createServer({ key: readFileSync(file("aws.key")), cert: readFileSync(file("aws.pem")) }, (_, response) => {
    response.end("<DescribeTagsResponse><tagSet/></DescribeTagsResponse>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  process.env["AWS_ENDPOINT_URL"] = `https://localhost:${(server.address() as AddressInfo).port}`;
  process.env["AWS_ACCESS_KEY_ID"] = "AKIAEXAMPLE";
  process.env["AWS_SECRET_ACCESS_KEY"] = "a-secret-of-this-test";
});

afterEach(async () => {
  delete process.env["AWS_ENDPOINT_URL"];
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(directory, { recursive: true, force: true });
});

function makeCertificate(name: string): void {
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-keyout", file(`${name}.key`)];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  const args = ["req", "-x509", "-days", "2", ...key, ...subject, "-out", file(`${name}.pem`)];
  execFileSync("openssl", args, { stdio: "ignore" });
}

function asking(way: Pick<AwsDeps, "authorities" | "maxAttempts">): Promise<unknown> {
  const deps = { region: async () => "eu-west-1", onCall: () => undefined, monotonicMs: () => performance.now() };
  return describeTags({ ...deps, maxAttempts: 1, ...way }, "i-1", signal);
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
