// One request as it comes over a socket: any bytes, in any pieces.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { answer } from "../../../src/adapters/control/answer.ts";
import { boundedAudit, type AuditEntry } from "../../../src/adapters/control/audit.ts";
import { routes } from "../../../src/adapters/control/protocol.ts";
import type { Reply } from "../../../src/adapters/control/reply.ts";
import { createRequestReader, maxBody, maxHead, type Reading } from "../../../src/adapters/control/request.ts";
import { initialStatus } from "../../../src/run/state/status.ts";
import { createFakeTagStore } from "../../fakes/tag-store.ts";

/** A million of each were made once. */
const runs = { numRuns: Number(process.env["FUZZ_RUNS"] ?? 1_000) };

function read(text: Buffer, cuts: readonly number[]): Reading {
  const reader = createRequestReader();
  const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].toSorted((one, other) => one - other);
  let from = 0;
  for (const to of [...places, text.length]) {
    const reading = reader.push(text.subarray(from, to));
    if (reading.kind !== "more") return reading;
    from = to;
  }
  return { kind: "more" };
}

const pieces = fc.constantFrom(
  ...'GET POST DELETE / /v1/status /v1/tags/add HTTP/1.1 HTTP/2.0 : Host x Content-Length Transfer-Encoding chunked 0 2 7 65536 65537 99999999999999999999 -1 0x10 {} {"tags":{}}'.split(
    " ",
  ),
  ...["\r\n", "\n", "\r", "\r\n\r\n", " ", "\t", "\0", "ä", "  "],
);
const head = fc.constantFrom("", "GET /v1/status HTTP/1.1\r\n", "POST /v1/tags/add HTTP/1.1\r\nContent-Length: 2\r\n");
const any = fc.oneof(
  fc
    .tuple(head, fc.array(pieces, { maxLength: 40 }))
    .map(([first, rest]) => Buffer.from(first + rest.join(""), "latin1")),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
);

test("any bytes mean the same in any pieces, and nothing makes it fail", () => {
  fc.assert(
    fc.property(any, fc.array(fc.nat({ max: 400 }), { maxLength: 8 }), (bytes, cuts) => {
      const whole = read(bytes, []);
      expect(read(bytes, cuts)).toEqual(whole);
      if (whole.kind === "whole") {
        expect(whole.asked.what).toMatch(/^[A-Z]{1,16} \/[\x21-\x7e]*$/);
        expect(Buffer.byteLength(whole.asked.body)).toBeLessThanOrEqual(3 * maxBody);
      }
    }),
    runs,
  );
});

test("a request is read as it was made, byte by byte too", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), fc.nat(), (body, cut) => {
      const text = Buffer.from(
        `POST /v1/x HTTP/1.1\r\nHost: a\r\ncontent-LENGTH: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
      const asked = { kind: "whole", asked: { what: "POST /v1/x", body } };
      expect(read(text, [cut])).toEqual(asked);
      expect(read(text, Array.from(text.keys()))).toEqual(asked);
    }),
    { numRuns: 200 },
  );
});

test.each([
  ["a head without end", `GET / HTTP/1.1\r\nA: ${"x".repeat(maxHead)}`, 431],
  ["a long body", `POST / HTTP/1.1\r\nContent-Length: ${maxBody + 1}\r\n\r\n`, 413],
  ["two lengths", "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400],
  ["a length that is none", "POST / HTTP/1.1\r\nContent-Length: 1,2\r\n\r\n", 400],
  ["chunks", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411],
  ["a folded header", "GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", 400],
  ["a header without a colon", "GET / HTTP/1.1\r\nA\r\n\r\n", 400],
  ["another protocol", "\x16\x03\x01\r\n\r\n", 400],
  ["a long route", `GET /${"a".repeat(256)} HTTP/1.1\r\n\r\n`, 400],
] as const)("%s is refused", (_what, text, status) => {
  expect(read(Buffer.from(text, "latin1"), [])).toEqual({ kind: "refused", status });
});

/** What a client would have got, and whether it was answered more than once. */
function createReplyStub() {
  const got: { status: number; ended: number } = { status: 0, ended: 0 };
  const reply: Reply = {
    begin: () => void (got.status = 200),
    write: () => undefined,
    end: () => void (got.ended += 1),
    send(status) {
      got.status = status;
      got.ended += 1;
    },
    sendJson: (status, body) => reply.send(status, "application/json", JSON.stringify(body)),
    drop: () => void (got.ended += 1),
    get begun() {
      return got.status !== 0;
    },
    gone: new AbortController().signal,
  };
  return { reply, got };
}

test("whatever is asked is answered once, and only what the schema knows reaches anybody", async () => {
  const routesOf = Object.values(routes);
  const what = fc.oneof(
    fc
      .tuple(fc.constantFrom("GET", "POST", "DELETE", "PUT"), fc.constantFrom(...routesOf))
      .map((both) => both.join(" ")),
    fc.string({ maxLength: 40 }),
  );
  const shaped = fc.record(
    {
      request: fc.oneof(
        fc.json(),
        fc.record(
          {
            cause: fc.constantFrom("manual", "boot"),
            dryRun: fc.boolean(),
            want: fc.constant("in"),
            by: fc.constant("operator"),
            reason: fc.string(),
          },
          { requiredKeys: [] },
        ),
      ),
      waitMs: fc.oneof(fc.double(), fc.nat()),
      tags: fc.oneof(fc.dictionary(fc.string(), fc.string()), fc.array(fc.record({ key: fc.string() }))),
      reason: fc.string(),
      by: fc.string(),
      forMs: fc.double(),
    },
    { requiredKeys: [] },
  );
  const body = fc.oneof(
    fc.json(),
    fc.string(),
    shaped.map((value) => JSON.stringify(value)),
  );
  await fc.assert(
    fc.asyncProperty(what, body, fc.constantFrom("root", "group", "anybody" as const), async (asked, text, rights) => {
      const calls: string[] = [];
      const audited: AuditEntry[] = [];
      const done = { kind: "done", changed: false } as const;
      const tags = createFakeTagStore();
      const served = {
        agent: {
          run: async () => (calls.push("run"), done),
          membership: async () => (calls.push("membership"), done),
          cancel: async () => (calls.push("cancel"), { kind: "done" as const, changed: false }),
          status: async () => initialStatus("boot", "2026-01-01T00:00:00.000Z"),
          follow: async () => undefined,
        },
        pauses: { begin: async () => (calls.push("pause"), undefined as never), end: async () => undefined },
        settings: async () => ({ readAt: "2026-01-01T00:00:00.000Z", values: [] }),
        tags,
        openTags: tags,
        metrics: { contentType: "text/plain", text: async () => "" },
        audit: (entry: AuditEntry) => void audited.push(entry),
      };
      const { reply, got } = createReplyStub();
      await answer(served, rights, { what: asked, body: text }, reply, new AbortController().signal);
      expect(got.ended).toBe(1);
      expect([200, 400, 403, 404, 503]).toContain(got.status);
      if (calls.length > 0) expect([rights, audited.length]).toEqual(["root", 1]);
      if (got.status === 403) expect(audited).toMatchObject([{ socket: "control.sock", refused: true }]);
    }),
    runs,
  );
});

test("the audit tells each change, and of a flood that it is one", () => {
  const told: AuditEntry[] = [];
  let nowMs = 0;
  const audit = boundedAudit(
    (entry) => void told.push(entry),
    () => nowMs,
  );
  const entry = { socket: "control.sock", request: "POST /v1/tags/add", detail: "a" } as const;
  for (let count = 0; count < 10_000; count += 1) audit(entry);
  expect(told).toHaveLength(61);
  expect(told[0]).toEqual(entry);
  expect(told.at(-1)?.request).toMatch(/more than 60 requests/);
  audit({ socket: "root.sock", request: "POST /v1/runs" });
  expect(told).toHaveLength(62);
  nowMs = 60_000;
  audit(entry);
  expect(told.at(-1)).toEqual(entry);
});
