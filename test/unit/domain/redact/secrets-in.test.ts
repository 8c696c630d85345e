import { describe, expect, test } from "vitest";
import { secretsIn } from "../../../../src/domain/redact/secrets-in.ts";

describe("the secrets of a file of secrets", () => {
  test("are found, and not what stands beside them", () => {
    expect(secretsIn("https://deploy:p%40ss@git.example.com\nhttps://tok3n-of-9@other.example.com\n")).toEqual([
      "p%40ss",
      "p@ss",
      "tok3n-of-9",
    ]);
    expect(secretsIn('key "muster" {\n\talgorithm hmac-sha256;\n\tsecret "c2VjcmV0";\n};\n')).toEqual(["c2VjcmV0"]);
    expect(secretsIn("hunter2\n")).toEqual(["hunter2"]);
    const key = [
      "-----BEGIN OPENSSH PRIVATE KEY-----",
      "b3BlbnNzaC1rZXktdjEAAAAA",
      "AAAAB3NzaC1yc2E",
      "-----END OPENSSH PRIVATE KEY-----",
    ];
    expect(secretsIn(key.join("\n"))).toEqual(["b3BlbnNzaC1rZXktdjEAAAAA"]);
  });
});
