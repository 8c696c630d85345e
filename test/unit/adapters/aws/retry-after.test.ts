import { afterEach, beforeEach, expect, test } from "vitest";
import { retryAfterOf } from "../../../../src/adapters/aws/retry-after.ts";
import { describeTags } from "../../../../src/adapters/aws/tags.ts";
import { startAws, type AwsServer } from "./aws-server.ts";

const { signal: never } = new AbortController();
let aws: AwsServer;

beforeEach(async () => {
  aws = await startAws();
});

afterEach(() => aws.close());

test("what a service asks for on the wire is in the error that the callers see", async () => {
  aws.answer = () => ({ status: 400, code: "UnauthorizedOperation", headers: { "Retry-After": "7" } });
  await expect(describeTags(aws.deps, "i-1", never)).rejects.toMatchObject({
    code: "aws-access-denied",
    retryAfterMs: 7_000,
  });
});

test("an answer without the header asks for nothing", async () => {
  aws.answer = () => ({ status: 400, code: "UnauthorizedOperation" });
  await expect(describeTags(aws.deps, "i-1", never)).rejects.toMatchObject({ retryAfterMs: undefined });
});

const now = Date.parse("2026-01-01T00:00:00Z");

test.each([
  [{ "retry-after": "120" }, 120_000],
  [{ "Retry-After": "1.5" }, 1_500],
  [{ "retry-after": "Thu, 01 Jan 2026 00:00:30 GMT" }, 30_000],
  [{ "x-amz-retry-after": "250", "retry-after": "9" }, 250],
  [{ "retry-after": "Wed, 31 Dec 2025 00:00:00 GMT" }, undefined],
  [{ "retry-after": "soon" }, undefined],
  [{ "retry-after": "-3" }, undefined],
  [{ "retry-after": ["1", "2"] }, undefined],
])("%j asks for %s ms", (headers, expected) => {
  expect(retryAfterOf({ $response: { headers } }, now)).toBe(expected);
});

test.each([undefined, null, "text", {}, { $response: null }, { $response: { headers: 3 } }])(
  "%j asks for nothing",
  (error) => {
    expect(retryAfterOf(error, now)).toBeUndefined();
  },
);
