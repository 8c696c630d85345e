import { expect, test } from "vitest";
import { refuseMalformed, said, timeZoneProblem } from "../../../../src/domain/settings/environment-values.ts";

test.each([
  ["AWS_REGION", " eu-west-1", "a region such as eu-west-1"],
  ["AWS_REGION", "eu-west-1\n", "a region such as eu-west-1"],
  ["AWS_DEFAULT_REGION", "EU (Ireland)", "a region such as eu-west-1"],
  ["AWS_ENDPOINT_URL", "localhost:5000", "an http:// or https:// URL"],
  ["AWS_ENDPOINT_URL_EC2", "https://ec2 .example.com", "an http:// or https:// URL"],
  ["AWS_ENDPOINT_URL_EC2", " https://ec2.example.com", "an http:// or https:// URL"],
  ["AWS_EC2_METADATA_SERVICE_ENDPOINT", "169.254.169.254", "an http:// or https:// URL"],
  ["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "6", "IPv4 or IPv6"],
  ["AWS_MAX_ATTEMPTS", "0", "a number from 1 to 20"],
  ["AWS_MAX_ATTEMPTS", "21", "a number from 1 to 20"],
  ["AWS_MAX_ATTEMPTS", "five", "a number from 1 to 20"],
  ["AWS_CA_BUNDLE", "ca.pem", "an absolute path"],
  ["AWS_USE_FIPS_ENDPOINT", "yes", "true or false"],
  ["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "True", "true or false"],
])("%s=%j is refused with its value", (name, value, expected) => {
  const message = `The variable ${name} has the value ${shown(value)}, which is not ${expected}`;
  expect(() => refuseMalformed({ [name]: value })).toThrow(
    expect.objectContaining({ code: "environment-malformed", message }),
  );
});

/** Control characters are shown as such. */
function shown(value: string): string {
  return JSON.stringify(value.replace("\n", "\u{FFFD}"));
}

test("what is right, empty, absent or of others passes", () => {
  const right = {
    AWS_REGION: "us-gov-west-1",
    AWS_DEFAULT_REGION: "",
    AWS_ENDPOINT_URL: "http://127.0.0.1:5000/",
    AWS_ENDPOINT_URL_AUTO_SCALING: "https://[2001:db8::1]",
    AWS_USE_DUALSTACK_ENDPOINT: "false",
    AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: "IPv6",
    AWS_MAX_ATTEMPTS: "20",
    AWS_CA_BUNDLE: "/etc/ssl/corporate.pem",
    AWS_PROFILE: "a b",
    HOME: "relative",
  };
  expect(() => refuseMalformed(right)).not.toThrow();
  expect([said(right, "AWS_REGION"), said(right, "AWS_DEFAULT_REGION"), said(right, "X")]).toEqual([
    "us-gov-west-1",
    undefined,
    undefined,
  ]);
});

test.each([
  ["Europe/Berln", "UTC"],
  ["Europe/Berlin ", undefined],
  ["CET-1CEST", "UTC"],
  [":Berlin", "Etc/Unknown"],
])("a zone that the runtime does not know is said: TZ=%j where it has %s", (zone, effective) => {
  expect(timeZoneProblem({ TZ: zone }, effective)).toContain(`has the value ${JSON.stringify(zone)}, which is no time`);
});

test.each([
  [undefined, "UTC"],
  ["", "Etc/Unknown"],
  ["UTC", "UTC"],
  ["UTC0", "UTC"],
  ["Etc/GMT", "UTC"],
  [":Europe/Berlin", "Europe/Berlin"],
  [":/etc/localtime", "UTC"],
])("a zone that counts is not: TZ=%j where the runtime has %s", (zone, effective) => {
  expect(timeZoneProblem({ TZ: zone }, effective)).toBeUndefined();
});
