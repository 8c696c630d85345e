import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { AwsDeps } from "../../../../src/adapters/aws/call.ts";
import { createCredentialSource } from "../../../../src/adapters/aws/credentials.ts";
import { createImds } from "../../../../src/adapters/aws/imds.ts";
import { fenceSdk } from "../../../../src/adapters/aws/sdk-fence.ts";
import { describeTags } from "../../../../src/adapters/aws/tags.ts";
import type { CredentialSourceName } from "../../../../src/domain/settings/settings.ts";
import { createFakeClock, type FakeClock } from "../../../fakes/clock.ts";
import { startAws, type AwsServer } from "./aws-server.ts";
import { startMetadata, type MetadataServer } from "./metadata-server.ts";

const { signal } = new AbortController();
const directory = "meta-data/iam/security-credentials/";
const secret = "the-secret-of-this-test";
const kept = { ...process.env };

let aws: AwsServer;
let metadata: MetadataServer;
let clock: FakeClock;
let home: string;

beforeEach(async () => {
  // What a test before this one hid comes back, and is gone.
  fenceSdk("chain");
  for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) delete process.env[name];
  aws = await startAws();
  aws.answer = () => "<tagSet/>";
  metadata = await startMetadata();
  clock = createFakeClock();
  home = await mkdtemp(join(tmpdir(), "muster-home-"));
  // All that may be there beside the role: none of it is this instance's.
  process.env["AWS_ACCESS_KEY_ID"] = "AKIAENVIRONMENT";
  process.env["AWS_SHARED_CREDENTIALS_FILE"] = join(home, "credentials");
  process.env["AWS_CONFIG_FILE"] = join(home, "config");
  await profile("AKIAPROFILE");
});

afterEach(async () => {
  await Promise.all([aws.close(), metadata.close(), rm(home, { recursive: true, force: true })]);
  Object.assign(process.env, kept);
});

async function profile(key: string): Promise<void> {
  await writeFile(
    join(home, "credentials"),
    `[default]\naws_access_key_id = ${key}\naws_secret_access_key = ${secret}\n`,
  );
}

function show(role: string, key: string, minutes = 360): void {
  metadata.pages.clear();
  metadata.pages.set(directory, role);
  const Expiration = new Date(clock.now().getTime() + minutes * 60_000).toISOString();
  const page = { Code: "Success", AccessKeyId: key, SecretAccessKey: secret, Token: "a-token", Expiration };
  metadata.pages.set(`${directory}${role}`, JSON.stringify(page));
}

function depsOf(which: CredentialSourceName): AwsDeps {
  fenceSdk(which);
  const imds = createImds({ endpoint: metadata.endpoint, clock });
  const refusals = { count: 0 };
  const { region } = aws.deps;
  const source = createCredentialSource(which, { imds, refusals, region, now: () => clock.now() });
  return { ...aws.deps, refusals, credentials: source };
}

const ask = (deps: AwsDeps) => describeTags(deps, "i-1", signal);

test("on an instance its role is what counts, and neither variables, nor files, nor a profile", async () => {
  Object.assign(process.env, { AWS_PROFILE: "default", AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:9/" });
  show("web", "ASIAROLE00000001");
  const deps = depsOf("instance");
  await ask(deps);
  await ask(deps);
  expect(aws.keys).toEqual(["ASIAROLE00000001", "ASIAROLE00000001"]);
  expect(metadata.asked.filter((one) => one.includes(directory))).toHaveLength(2);
});

test("an endpoint in a file of root's is not asked; what says where AWS is in a variable is", async () => {
  await writeFile(join(home, "config"), "[default]\nendpoint_url = http://127.0.0.1:9\n");
  const endpoint = process.env["AWS_ENDPOINT_URL"] ?? "";
  show("web", "ASIAROLE00000001");
  const deps = depsOf("instance");
  expect(process.env["AWS_ENDPOINT_URL"]).toBe(endpoint);
  delete process.env["AWS_ENDPOINT_URL"];
  process.env["AWS_ENDPOINT_URL_EC2"] = endpoint;
  await ask(deps);
  expect(aws.asked).toEqual(["DescribeTags"]);
});

test.each([
  ["UnauthorizedOperation", 403, "aws-access-denied"],
  ["AuthFailure", 401, "aws-credentials-refused"],
  ["RequestExpired", 400, "aws-credentials-refused"],
] as const)(
  "after %s another role is used at once; the error names the source, and no secret",
  async (code, status, is) => {
    show("old", "ASIAOLDKEY000001");
    const deps = depsOf("instance");
    aws.answer = () => ({ code, status });
    const failed = ask(deps);
    await expect(failed).rejects.toMatchObject({
      code: is,
      message: expect.stringContaining("the instance role old, key ASIAOLDK…") as string,
    });
    await expect(failed).rejects.not.toThrow(/ASIAOLDKEY|the-secret|a-token/);
    aws.answer = () => "<tagSet/>";
    show("new", "ASIANEWKEY000001");
    await ask(deps);
    expect(aws.keys).toEqual(["ASIAOLDKEY000001", "ASIANEWKEY000001"]);
  },
);

test("new ones are fetched before the old ones run out", async () => {
  show("web", "ASIAFIRST0000001");
  const deps = depsOf("instance");
  const source = deps.credentials;
  expect(await source?.provide()).toMatchObject({ accessKeyId: "ASIAFIRST0000001" });
  show("web", "ASIASECOND000001", 720);
  clock.advance(354 * 60_000);
  expect(await source?.provide()).toMatchObject({ accessKeyId: "ASIAFIRST0000001" });
  clock.advance(2 * 60_000);
  expect(await source?.provide()).toMatchObject({ accessKeyId: "ASIASECOND000001" });
});

test.each([
  ["no role", () => undefined, "shows no role of this instance"],
  ["a role without keys yet", () => metadata.pages.set(directory, "web"), "no credentials of the role web"],
  [
    "a role that EC2 may not assume",
    () => {
      show("web", "ASIA");
      metadata.pages.set(`${directory}web`, JSON.stringify({ Code: "AssumeRoleUnauthorizedAccess", Message: "x" }));
    },
    'no credentials of the role web that can be used: Code is "AssumeRoleUnauthorizedAccess"',
  ],
  [
    "a role whose keys run out at no time",
    () => {
      show("web", "ASIA");
      const keys = { AccessKeyId: "ASIA", SecretAccessKey: "secret", Token: "t" };
      const page = JSON.stringify({ Code: "Success", ...keys, Expiration: "soon" });
      metadata.pages.set(`${directory}web`, page);
    },
    "no credentials of the role web that can be used: Expiration is malformed",
  ],
  [
    "a page of keys that is none",
    () => {
      show("web", "ASIA");
      metadata.pages.set(`${directory}web`, "<html>");
    },
    "no credentials of the role web that can be used: the page is no JSON object",
  ],
])(
  "%s: credentials are missing, it is said why, and nothing else is used in their place",
  async (_what, prepare, why) => {
    prepare();
    const missing = { code: "aws-credentials-missing", transient: true };
    const failed = ask(depsOf("instance"));
    await expect(failed).rejects.toMatchObject({ ...missing, message: expect.stringContaining(why) as string });
    expect(aws.keys).toEqual([]);
  },
);

test("with chain, variables and files count, and the error says which", async () => {
  show("web", "ASIAROLE00000001");
  const deps = depsOf("chain");
  await ask(deps);
  delete process.env["AWS_ACCESS_KEY_ID"];
  const files = depsOf("chain");
  aws.answer = () => ({ code: "AuthFailure", status: 401 });
  const dead = {
    code: "aws-credentials-refused",
    message: expect.stringContaining("the files in ~/.aws, key AKIAPROF…") as string,
  };
  await expect(ask(files)).rejects.toMatchObject(dead);
  aws.answer = () => "<tagSet/>";
  // A file that was corrected or taken away counts from the next call on.
  await profile("AKIACORRECTED");
  await ask(files);
  aws.answer = () => ({ code: "AuthFailure", status: 401 });
  await expect(ask(files)).rejects.toMatchObject({ code: "aws-credentials-refused" });
  await rm(join(home, "credentials"));
  aws.answer = () => "<tagSet/>";
  await ask(files);
  expect(aws.keys).toEqual(["AKIAENVIRONMENT", "AKIAPROFILE", "AKIACORRECTED", "AKIACORRECTED", "ASIAROLE00000001"]);
});

test("settings that change from one to the other and back find what was there", () => {
  const before = { ...process.env };
  fenceSdk("instance");
  expect(process.env["AWS_ACCESS_KEY_ID"]).toBeUndefined();
  expect(process.env["AWS_CONFIG_FILE"]).toBe("/dev/null");
  fenceSdk("instance");
  fenceSdk("chain");
  expect({ ...process.env, AWS_EC2_METADATA_DISABLED: undefined }).toEqual({
    ...before,
    AWS_EC2_METADATA_DISABLED: undefined,
  });
});
