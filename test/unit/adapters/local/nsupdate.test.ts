import { expect, test } from "vitest";
import { deletion } from "../../../../src/adapters/local/dns-update.ts";
import { classify, sendUpdate } from "../../../../src/adapters/local/nsupdate.ts";
import type { exec, ExecRequest, ExecResult } from "../../../../src/adapters/host/exec.ts";

const at = { server: "10.0.0.5", port: 53, keyFile: "/etc/muster/dns.key" };

test.each([
  ["update failed: NXRRSET", "conflict"],
  ["update failed: YXRRSET", "conflict"],
  ["update failed: NXDOMAIN", "conflict"],
  ["update failed: YXDOMAIN", "name-in-use"],
] as const)("%s is no error: %s", (output, outcome) => {
  expect(classify(output, at, "example.internal")).toBe(outcome);
});

test.each([
  ["; TSIG error with server: tsig indicates error\nupdate failed: NOTAUTH(BADKEY)", "dns-refused", false],
  ["update failed: NOTAUTH(BADSIG)", "dns-refused", false],
  ["update failed: NOTAUTH(BADTIME)", "dns-refused", true],
  ["update failed: REFUSED", "dns-refused", false],
  ["update failed: NOTAUTH", "dns-zone-missing", false],
  ["update failed: NOTZONE", "dns-zone-missing", false],
  ["update failed: NOTAUTH(BADTRUNC)", "dns-refused", false],
  ["update failed: SERVFAIL", "dns-unreachable", true],
  ["dns_request_create: ran out of space", "dns-name-full", false],
  ["update failed: FORMERR", "dns-update-failed", false],
  ["update failed: NOTIMP", "dns-update-failed", false],
  ["update failed: RESERVED12", "dns-update-failed", false],
  ["; Communication with 10.0.0.5#53 failed: timed out", "dns-timeout", true],
  ["dns_request_createvia: network unreachable", "dns-no-route", true],
  ["couldn't get address for 'ns1.invalid': not found\nsyntax error", "dns-name-unresolved", true],
  ["; Communication with 10.0.0.5#53 failed: connection refused", "dns-connection-refused", true],
  // BIND 9.18 says this of a refused connection.
  ["; Communication with 10.0.0.5#53 failed: operation canceled", "dns-unreachable", true],
  ["; Communication with 10.0.0.5#53 failed: end of file", "dns-unreachable", true],
  ["incorrect section name: x\u001b[31m", "dns-update-failed", false],
  ["", "dns-update-failed", false],
] as const)("%j is %s", (output, code, transient) => {
  expect(() => classify(output, at, "example.internal")).toThrow(
    expect.objectContaining({ code, transient, message: expect.stringMatching(/^[\x20-\x7e]+$/) as string }) as Error,
  );
});

test("a wrong clock is said as such", () => {
  expect(() => classify("update failed: NOTAUTH(BADTIME)", at, "z")).toThrow(
    expect.objectContaining({ hint: expect.stringContaining("clock") as string }) as Error,
  );
});

test("the key file is named to nsupdate, and nothing of the update is in its arguments", async () => {
  const requests: ExecRequest[] = [];
  const run: typeof exec = async (request) => {
    requests.push(request);
    return { outcome: "exited", code: 0, stdout: "", stderr: "" };
  };
  const { signal } = new AbortController();
  expect(await sendUpdate(at, "example.internal", ["update add x."], run, signal)).toBe("done");
  expect(requests).toMatchObject([
    {
      argv: ["nsupdate", "-v", "-t", "10", "-k", "/etc/muster/dns.key"],
      input: "server 10.0.0.5 53\nzone example.internal.\nupdate add x.\nsend\n",
    },
  ]);
});

test("an update that went out unsigned is an error, whatever the server made of it", async () => {
  const stderr = "could not read key from /etc/muster/dns.key: file not found\n";
  const run = answering({ outcome: "exited", code: 0, stdout: "", stderr });
  const { signal } = new AbortController();
  await expect(sendUpdate(at, "z", [], run, signal)).rejects.toMatchObject({ code: "dns-key-unreadable" });
});

test("a missing program says which package brings it", async () => {
  const run = answering({ outcome: "missing", code: -1, stdout: "", stderr: "" });
  const { signal } = new AbortController();
  const missing = { code: "dns-tool-missing", hint: expect.stringContaining("bind9-dnsutils") as string };
  await expect(sendUpdate(at, "z", [], run, signal)).rejects.toMatchObject(missing);
});

function answering(result: ExecResult): typeof exec {
  return () => Promise.resolve(result);
}

test("a deletion names one record: without data nsupdate would take the whole set, without a type the whole name", () => {
  expect(deletion("web.example.internal", "A", "10.0.0.1")).toBe("update delete web.example.internal. A 10.0.0.1");
  for (const [name, type, rdata] of [
    ["web.example.internal", "A", ""],
    ["web.example.internal", "", " "],
    ["", "A", "10.0.0.1"],
  ] as const) {
    expect(() => deletion(name, type, rdata)).toThrow(/does not name one record/);
  }
});
