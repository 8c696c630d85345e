import { CreateTagsCommand, DeleteTagsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, expect, test } from "vitest";

import { account } from "../../../lab/aws-front/backstage.ts";
import type { EmulatedInstance } from "../../../lab/aws-front/fleet.ts";
import { type Aws, type LaunchOptions, startAws } from "../../../lab/aws-front/start-aws.ts";
import { createLab, type Lab } from "../../../lab/lab.ts";
import { run } from "../../../lab/run.ts";

let lab: Lab;
let aws: Aws;

beforeAll(async () => {
  lab = await createLab();
  aws = await startAws(lab);
});

afterAll(() => lab?.close());

/** An instance's place in the network, without the instance. */
async function plugged(options: LaunchOptions = {}, where = { lab, aws }) {
  const instance = await where.aws.launch(options);
  const name = `imds-${instance.id}`;
  const namespace = await where.lab.network.plug(name, where.aws.bootOptions(instance).host);
  where.lab.onClose(() => where.lab.network.unplug(name));

  /** The status, or curl's own exit code as a negative number; and the body. */
  async function curl(path: string, ...args: string[]): Promise<{ status: number; text: string }> {
    const url = `http://169.254.169.254/latest/${path}`;
    const inside = ["nsenter", `--net=${namespace}`, "curl", "-sS", "-m", "2", "-w", "\n%{http_code}"];
    const { stdout, code } = await run([...inside, ...args, url], { check: false });
    if (code !== 0) return { status: -code, text: "" };
    const [, text = "", status] = /^([^]*)\n(\d+)$/.exec(stdout) ?? [];
    return { status: Number(status), text };
  }

  async function token(seconds: number | string = 60, ...args: string[]) {
    return curl("api/token", "-X", "PUT", "-H", `X-aws-ec2-metadata-token-ttl-seconds: ${seconds}`, ...args);
  }

  async function get(path: string) {
    return curl(path, "-H", `X-aws-ec2-metadata-token: ${(await token()).text}`);
  }

  return { instance, curl, token, get };
}

async function keysOf(get: (path: string) => Promise<{ text: string }>, role = "web") {
  const page = JSON.parse((await get(`meta-data/iam/security-credentials/${role}`)).text) as Record<string, string>;
  return {
    expiration: new Date(page["Expiration"] ?? ""),
    credentials: {
      accessKeyId: page["AccessKeyId"] ?? "",
      secretAccessKey: page["SecretAccessKey"] ?? "",
      sessionToken: page["Token"] ?? "",
    },
  };
}

function ec2(credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }): EC2Client {
  return new EC2Client({ endpoint: aws.front.endpoint, region: "eu-west-1", credentials, maxAttempts: 1 });
}

function tagging({ id }: EmulatedInstance, Key: string, Value: string): CreateTagsCommand {
  return new CreateTagsCommand({ Resources: [id], Tags: [{ Key, Value }] });
}

test("every page wants a token of this instance", async () => {
  const one = await plugged();
  const two = await plugged();
  expect(await one.curl("meta-data/instance-id")).toMatchObject({ status: 401 });
  expect(await one.token("")).toMatchObject({ status: 400 });
  expect(await one.token(21_601)).toMatchObject({ status: 400 });
  expect(await one.token(60, "-H", "X-Forwarded-For: 10.0.0.1")).toMatchObject({ status: 403 });
  expect(await one.get("meta-data/instance-id")).toEqual({ status: 200, text: one.instance.id });
  expect(await two.get("meta-data/instance-id")).toEqual({ status: 200, text: two.instance.id });
  const { text } = await one.token();
  const stolen = await two.curl("meta-data/instance-id", "-H", `X-aws-ec2-metadata-token: ${text}`);
  expect(stolen.status).toBe(401);
});

test("a token is good for its time only", async () => {
  const { token, curl } = await plugged();
  const { text } = await token(1);
  const ask = () => curl("meta-data/mac", "-H", `X-aws-ec2-metadata-token: ${text}`);
  expect((await ask()).status).toBe(200);
  await expect.poll(async () => (await ask()).status, { timeout: 5_000, interval: 200 }).toBe(401);
});

test("it says what the instance is, and has no page for what it is not", async () => {
  const { instance, get } = await plugged({ publicIpv4: "203.0.113.7", ipv6: "2001:db8::7", userData: "#!/bin/true" });
  const document = JSON.parse((await get("dynamic/instance-identity/document")).text) as object;
  expect(document).toMatchObject({
    instanceId: instance.id,
    accountId: "123456789012",
    region: "eu-west-1",
    availabilityZone: "eu-west-1a",
    privateIp: instance.address,
  });
  expect((await get("meta-data/local-ipv4")).text).toBe(instance.address);
  expect((await get("meta-data/public-ipv4")).text).toBe("203.0.113.7");
  expect((await get("meta-data/ipv6")).text).toBe("2001:db8::7");
  expect((await get("user-data")).text).toBe("#!/bin/true");
  expect((await get("meta-data/")).text.split("\n")).toContain("placement/");

  const bare = await plugged({ role: null });
  for (const page of ["public-ipv4", "ipv6", "spot/instance-action", "iam/security-credentials/", "no/such/page"]) {
    expect([page, (await bare.get(`meta-data/${page}`)).status]).toEqual([page, 404]);
  }
  expect((await bare.get("meta-data/events/maintenance/scheduled")).text).toBe("[]");
});

test("tags are shown where the launch says so, as EC2 has them now", async () => {
  const { instance, get } = await plugged({ tags: { "muster:role": "web" } });
  const hidden = await plugged({ tags: { "muster:role": "web" }, metadata: { tags: false } });
  expect((await get("meta-data/tags/instance")).text).toBe("muster:role");
  expect((await hidden.get("meta-data/tags/instance")).status).toBe(404);

  await ec2((await keysOf(get)).credentials).send(tagging(instance, "state", "in-service"));
  expect((await get("meta-data/tags/instance/muster%3Arole")).text).toBe("web");
  expect((await get("meta-data/tags/instance/state")).text).toBe("in-service");
});

test("notices come when the test gives them", async () => {
  const { instance, get } = await plugged();
  const time = new Date("2026-01-02T03:04:05.678Z");
  Object.assign(instance.metadata, {
    rebalance: time,
    spotAction: { action: "terminate", time },
    lifecycle: "InService",
  });
  expect(JSON.parse((await get("meta-data/spot/instance-action")).text)).toEqual({
    action: "terminate",
    time: "2026-01-02T03:04:05Z",
  });
  expect((await get("meta-data/events/recommendations/rebalance")).text).toBe('{"noticeTime":"2026-01-02T03:04:05Z"}');
  expect((await get("meta-data/autoscaling/target-lifecycle-state")).text).toBe("InService");
});

test("it can be busy, switched off, or not there, for one instance alone", async () => {
  const { instance, token, get } = await plugged();
  const other = await plugged();
  instance.metadata.token = "busy";
  expect((await token()).status).toBe(503);
  instance.metadata.token = "forbidden";
  expect((await token()).status).toBe(403);
  instance.metadata.token = "ok";
  let show = await aws.metadata.hide(instance, "unreachable");
  expect((await token()).status, "could not connect").toBe(-7);
  await show();
  show = await aws.metadata.hide(instance, "blackhole");
  expect((await token()).status, "no answer in time").toBe(-28);
  expect((await other.get("meta-data/instance-id")).status).toBe(200);
  await show();
  expect((await get("meta-data/instance-id")).status).toBe(200);
  expect(aws.metadata.requests(instance).map(({ request, status }) => `${request} ${status}`)).toEqual([
    "PUT api/token 503",
    "PUT api/token 403",
    "PUT api/token 200",
    "GET meta-data/instance-id 200",
  ]);
});

test("role credentials can be late, and run out; calls that they signed are then refused", async () => {
  const { instance, get } = await plugged({ metadata: { credentials: "late" } });
  expect((await get("meta-data/iam/security-credentials/web")).status).toBe(404);
  instance.metadata.credentials = "ok";
  const first = await keysOf(get);
  expect(first.expiration.getTime()).toBeGreaterThan(Date.now() + 3600_000);
  expect(await keysOf(get), "the same until they are old").toEqual(first);
  await ec2(first.credentials).send(tagging(instance, "a", "b"));

  instance.metadata.credentials = "expired";
  expect((await keysOf(get)).expiration.getTime()).toBeLessThan(Date.now());
  const refused = ec2(first.credentials).send(tagging(instance, "a", "c"));
  await expect(refused).rejects.toMatchObject({ name: "RequestExpired" });

  instance.metadata.credentials = "ok";
  const second = await keysOf(get);
  expect(second.credentials.accessKeyId).not.toBe(first.credentials.accessKeyId);
  await ec2(second.credentials).send(tagging(instance, "a", "d"));
});

test("every lab has the address for itself", async () => {
  const one = await plugged();
  {
    await using second = await createLab();
    const two = await plugged({}, { lab: second, aws: await startAws(second) });
    expect((await two.get("meta-data/instance-id")).text).toBe(two.instance.id);
    expect((await one.get("meta-data/instance-id")).text).toBe(one.instance.id);
  }
  expect((await one.get("meta-data/instance-id")).text).toBe(one.instance.id);
});

test("with IAM enforced, a role may do what its policy says and nothing else", async () => {
  const { instance, get } = await plugged({ role: "web", permissions: ["ec2:DescribeTags"] });
  const narrow = await aws.launch({ role: "narrow", permissions: ["ec2:DescribeTags"] });
  const keys = await aws.backstage.assumeRole("narrow", narrow.id, 3600);
  await aws.moto.enforceIam();
  try {
    await ec2((await keysOf(get)).credentials).send(tagging(instance, "a", "b"));
    const denied = ec2(keys).send(tagging(narrow, "a", "b"));
    await expect(denied).rejects.toMatchObject({ name: "UnauthorizedOperation" });
    const forged = ec2({ ...keys, secretAccessKey: "another" }).send(tagging(narrow, "a", "b"));
    await expect(forged).rejects.toMatchObject({ name: "AuthFailure" });
    expect(await aws.backstage.tagsOf(instance.id)).toEqual({ a: "b" });
  } finally {
    await aws.moto.relaxIam();
  }
});

test("a role with policies is held to their resources and conditions", async () => {
  const Resource = `arn:aws:ec2:eu-west-1:${account}:instance/*`;
  const itself = { "ec2:SourceInstanceARN": `arn:aws:ec2:eu-west-1:${account}:instance/\${ec2:InstanceID}` };
  const Condition = { ArnEquals: itself };
  const Statement = [{ Effect: "Allow", Action: ["ec2:CreateTags", "ec2:DeleteTags"], Resource, Condition }] as const;
  const { instance, get } = await plugged({ role: "itself", policies: [{ Version: "2012-10-17", Statement }] });
  const other = await aws.launch();
  const client = ec2((await keysOf(get, "itself")).credentials);
  await client.send(tagging(other, "before", "IAM counts"));
  await aws.enforceIam();
  try {
    await client.send(tagging(instance, "a", "b"));
    const denied = { name: "UnauthorizedOperation", $metadata: { httpStatusCode: 403 } };
    await expect(client.send(tagging(other, "a", "b"))).rejects.toMatchObject(denied);
    await expect(client.send(new DeleteTagsCommand({ Resources: [other.id] }))).rejects.toMatchObject(denied);
    expect(await aws.backstage.tagsOf(other.id)).toEqual({ before: "IAM counts" });
  } finally {
    await aws.moto.relaxIam();
  }
});
