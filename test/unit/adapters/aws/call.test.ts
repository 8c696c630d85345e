import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { call } from "../../../../src/adapters/aws/call.ts";
import { awsFailure } from "../../../../src/adapters/aws/failure.ts";
import { DescribeTagsCommand } from "../../../../src/adapters/aws/sdk/ec2.ts";
import { createEc2 } from "../../../../src/adapters/aws/services.ts";
import { describeTags } from "../../../../src/adapters/aws/tags.ts";
import { startAws, type AwsServer } from "./aws-server.ts";

const { signal: never } = new AbortController();
let aws: AwsServer;

beforeEach(async () => {
  aws = await startAws();
});

afterEach(() => aws.close());

test("a call is recorded with its duration, attempts and request id, and with nothing that was sent", async () => {
  aws.answer = () => "<tagSet><item><key>a</key><value>b</value></item></tagSet>";
  expect(await describeTags(aws.deps, "i-1", never)).toEqual({ a: "b" });
  expect(aws.calls).toEqual([
    {
      operation: "ec2:DescribeTags",
      durationMs: expect.any(Number) as number,
      attempts: 1,
      requestId: "0a1b2c3d-0000-4000-8000-000000000000",
      failure: undefined,
    },
  ]);
});

test("an error of AWS itself is tried again within the call", async () => {
  let failures = 2;
  aws.answer = () => (failures-- > 0 ? { status: 503, code: "Unavailable" } : "<tagSet/>");
  expect(await describeTags(aws.deps, "i-1", never)).toEqual({});
  expect(aws.calls).toMatchObject([{ attempts: 3, failure: undefined }]);
});

test.each([
  [{ code: "UnauthorizedOperation" }, "aws-access-denied", true],
  [{ code: "AccessDenied", status: 403 }, "aws-access-denied", true],
  [{ code: "ExpiredToken" }, "aws-credentials-refused", true],
  [{ code: "AuthFailure", status: 401 }, "aws-credentials-refused", true],
  [{ code: "InvalidParameterValue", message: "no such thing" }, "aws-refused", false],
  // Right after its launch an instance is not known everywhere, nor known to run.
  [{ code: "InvalidInstanceID.NotFound", message: "The instance ID 'i-1' does not exist" }, "aws-refused", true],
  [{ code: "InvalidInstance", message: "Could not find EC2 instance i-1." }, "aws-refused", true],
  [{ code: "InvalidTarget", message: "The following instances do not exist: 'i-1'" }, "aws-refused", true],
  [
    {
      code: "InvalidTarget",
      message: "The following targets are not in a running state and cannot be registered: 'i-1'",
    },
    "aws-refused",
    true,
  ],
  [
    { code: "InvalidTarget", message: "The following targets are not in the target group VPC 'vpc-1': 'i-1'" },
    "aws-refused",
    false,
  ],
])("%j is %s", async (answer, code, transient) => {
  aws.answer = () => answer;
  const failed = describeTags(aws.deps, "i-1", never);
  await expect(failed).rejects.toMatchObject({ code, transient });
  await expect(failed).rejects.not.toThrow(/a-secret-of-this-test|AKIAEXAMPLE/);
  expect(aws.calls).toMatchObject([{ failure: answer.code }]);
});

test("a throttled call is tried again, slower, and counted for that call alone", async () => {
  const ec2 = createEc2(aws.deps);
  const ask = (id: string) =>
    ec2.call((sdk) => new sdk.DescribeTagsCommand({ Filters: [{ Name: "resource-id", Values: [id] }] }), never);
  let throttles = 1;
  aws.answer = (_action, asked) =>
    asked.get("Filter.1.Value.1") === "i-1" && throttles-- > 0
      ? { status: 503, code: "RequestLimitExceeded" }
      : "<tagSet/>";
  await Promise.all([ask("i-1"), ask("i-2")]);
  expect(aws.calls).toMatchObject([
    { attempts: 1, throttled: undefined },
    { attempts: 2, throttled: 1, failure: undefined },
  ]);
});

test.each(["Throttling", "RequestLimitExceeded", "TooManyRequestsException", "PriorRequestNotComplete"])(
  "%s that lasts is told as throttling",
  (name) => {
    const error = Object.assign(new Error("Rate exceeded"), { name, $metadata: { httpStatusCode: 400 } });
    expect(awsFailure("route53:X", error)).toMatchObject({ code: "aws-throttled", transient: true });
  },
);

test("nobody there: the connection is refused", async () => {
  await aws.close();
  const unreachable = { code: "aws-connection-refused", transient: true };
  await expect(describeTags(aws.deps, "i-1", never)).rejects.toMatchObject(unreachable);
  aws = await startAws();
});

test("an abort ends a call at once, with its own reason", async () => {
  aws.answer = () => undefined;
  const cancel = new AbortController();
  setTimeout(() => cancel.abort(new Error("enough")), 100);
  const begun = performance.now();
  await expect(describeTags(aws.deps, "i-1", cancel.signal)).rejects.toThrow("enough");
  expect(performance.now() - begun).toBeLessThan(3_000);
});

test("a client is kept, and made anew once its credentials were refused", async () => {
  const deps = { ...aws.deps, refusals: { count: 0 }, region: vi.fn(aws.deps.region) };
  const ec2 = createEc2(deps);
  const ask = () => ec2.call((sdk) => new sdk.DescribeTagsCommand({}), never);
  aws.answer = () => "<tagSet/>";
  await ask();
  await ask();
  expect(deps.region).toHaveBeenCalledTimes(1);
  aws.answer = () => ({ code: "ExpiredToken" });
  await expect(ask()).rejects.toMatchObject({ code: "aws-credentials-refused" });
  await expect(ask()).rejects.toMatchObject({ code: "aws-credentials-refused" });
  expect(deps.region).toHaveBeenCalledTimes(2);
});

/** As the SDK while its credentials do not come: their sources know of no signal (credential_process, a slow IMDS). */
const deaf = () => new Promise<never>(() => undefined);

test("an abort ends a call whose credentials never come", async () => {
  const cancel = new AbortController();
  const asked = call(aws.deps, new DescribeTagsCommand({}), cancel.signal, deaf);
  cancel.abort(new Error("enough"));
  await expect(asked).rejects.toThrow("enough");
  expect(aws.calls).toMatchObject([{ operation: "ec2:DescribeTags", failure: expect.any(String) as string }]);
});

test("a call whose credentials never come ends after its time", async () => {
  const timeUp = new AbortController();
  const timeout = vi.spyOn(AbortSignal, "timeout").mockReturnValue(timeUp.signal);
  try {
    const refusals = { count: 0 };
    const asked = call({ ...aws.deps, refusals }, new DescribeTagsCommand({}), never, deaf);
    expect(timeout).toHaveBeenCalledWith(45_000);
    timeUp.abort(new DOMException("time is up", "TimeoutError"));
    await expect(asked).rejects.toMatchObject({ code: "aws-timeout", transient: true });
    // The next call gets a client that looks for credentials anew.
    expect(refusals.count).toBe(1);
  } finally {
    timeout.mockRestore();
  }
});
