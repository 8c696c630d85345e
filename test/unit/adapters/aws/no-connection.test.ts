import { expect, test } from "vitest";
import { awsFailure } from "../../../../src/adapters/aws/failure.ts";
import { isOutage } from "../../../../src/domain/errors/outage.ts";

function failed(code: string, name = "Error"): Error {
  return Object.assign(new Error("of the runtime"), { code, name, $metadata: { attempts: 5 } });
}

// The codes: nodejs.org/api/errors.html ("Common system errors"), nodejs.org/api/tls.html ("X509 certificate error
// codes"), nodejs.org/api/dns.html ("Error codes"). Bun gives the same ones.
test.each([
  [failed("ENOTFOUND", "DNSException"), "aws-name-unresolved", "its name does not resolve"],
  [failed("EAI_AGAIN"), "aws-name-unresolved", "its name does not resolve"],
  [failed("ECONNREFUSED"), "aws-connection-refused", "refuses the connection"],
  [failed("ENETUNREACH"), "aws-no-route", "no route"],
  [failed("EHOSTUNREACH"), "aws-no-route", "no route"],
  [failed("DEPTH_ZERO_SELF_SIGNED_CERT"), "aws-certificate-refused", "is not trusted"],
  [failed("SELF_SIGNED_CERT_IN_CHAIN"), "aws-certificate-refused", "is not trusted"],
  [failed("UNABLE_TO_GET_ISSUER_CERT_LOCALLY"), "aws-certificate-refused", "is not trusted"],
  [failed("UNABLE_TO_VERIFY_LEAF_SIGNATURE"), "aws-certificate-refused", "is not trusted"],
  [failed("CERT_HAS_EXPIRED"), "aws-certificate-refused", "has expired"],
  [failed("CERT_NOT_YET_VALID"), "aws-certificate-refused", "is not valid yet"],
  [failed("ERR_TLS_CERT_ALTNAME_INVALID"), "aws-certificate-refused", "another name"],
  [failed("ETIMEDOUT", "TimeoutError"), "aws-timeout", "no answer in time"],
  // The SDK's limit on a connection comes with a name alone.
  [failed("", "TimeoutError"), "aws-timeout", "no answer in time"],
  [failed("ECONNRESET"), "aws-unreachable", "no usable answer"],
  // The SDK gives resets the name of a time-out, too (smithy-typescript, node-http-handler, NODEJS_TIMEOUT_ERROR_CODES).
  [failed("ECONNRESET", "TimeoutError"), "aws-unreachable", "no usable answer"],
  [failed("EPIPE", "TimeoutError"), "aws-unreachable", "no usable answer"],
])("%j is %s", (error, code, words) => {
  const failure = awsFailure("ec2:DescribeTags", error);
  expect(failure).toMatchObject({ code, transient: true });
  expect(failure.message).toContain(words);
  expect(failure.message).toMatch(/^ec2:DescribeTags /);
  // An outage takes no instance out of service.
  expect(isOutage(failure)).toBe(true);
  // By hand nobody tries again; where somebody does, `explain` and the log say so.
  expect(failure.hint).not.toMatch(/again/);
});

test("an answer with an error of AWS is not taken for a broken connection", () => {
  const error = Object.assign(failed("ECONNREFUSED"), { $metadata: { httpStatusCode: 503 } });
  expect(awsFailure("ec2:DescribeTags", error)).toMatchObject({ code: "aws-unreachable" });
});
