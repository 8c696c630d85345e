import { expect, test } from "vitest";
import { askServer } from "../../../../src/adapters/local/dig.ts";
import type { exec } from "../../../../src/adapters/host/exec.ts";

const at = { server: "10.0.0.5", port: 53 };
const { signal } = new AbortController();

/** dig's output for one question, with `+noall +comments +answer`. */
function ask(status: string, answer = "") {
  const stdout = `;; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: ${status}, id: 1\n${answer}\n`;
  const run: typeof exec = async () => ({ outcome: "exited", code: 0, stdout, stderr: "" });
  return askServer(at, [{ name: "web.example.internal", type: "A" }], run, signal);
}

test("NOERROR and NXDOMAIN are answers", async () => {
  expect(await ask("NOERROR", "web.example.internal. 60 IN A 10.0.0.1")).toEqual([
    { name: "web.example.internal", type: "A", ttl: 60, rdata: "10.0.0.1" },
  ]);
  expect(await ask("NXDOMAIN")).toEqual([]);
});

/** The other response codes: IANA's registry "DNS RCODEs", in dig's spelling. */
test.each([
  ["REFUSED", "dns-zone-missing"],
  ["NOTAUTH", "dns-zone-missing"],
  ...["FORMERR", "SERVFAIL", "NOTIMP", "YXDOMAIN", "YXRRSET", "NXRRSET", "NOTZONE", "BADVERS", "BADCOOKIE"].map(
    (status) => [status, "dns-unreachable"] as const,
  ),
  ["RESERVED12", "dns-unreachable"],
  ["NEVERHEARD", "dns-unreachable"],
  ["", "dns-unreachable"],
] as const)("%s is no answer, and no name counts as absent", async (status, code) => {
  await expect(ask(status)).rejects.toMatchObject({ code });
});
