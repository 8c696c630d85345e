import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createImds } from "../../src/adapters/aws/imds.ts";
import { createAwsNotices } from "../../src/adapters/aws/notices.ts";
import type { CloudNotice } from "../../src/domain/membership/cloud-notice.ts";
import { MusterError } from "../../src/domain/errors/errors.ts";
import { createFakeClock } from "../fakes/clock.ts";
import { startMetadata, type MetadataServer } from "../unit/adapters/aws/metadata-server.ts";
import { noticesSuite } from "./notices.suite.ts";

const signal = new AbortController().signal;

let metadata: MetadataServer;

beforeAll(async () => void (metadata = await startMetadata()));
afterAll(() => metadata.close());
beforeEach(() => {
  metadata.pages.clear();
  metadata.asked.length = 0;
});

function createWorld() {
  const warnings: string[] = [];
  const clock = createFakeClock();
  const imds = createImds({ endpoint: metadata.endpoint, clock });
  const notices = createAwsNotices({ imds, clock, onWarning: (code, text) => void warnings.push(`${code}: ${text}`) });
  return { notices, warnings, clock };
}

/** The pages as the EC2 User Guide shows them. */
function say(said: readonly CloudNotice[]): void {
  metadata.pages.delete("meta-data/spot/instance-action");
  metadata.pages.delete("meta-data/events/recommendations/rebalance");
  const events: object[] = [];
  for (const notice of said) {
    switch (notice.kind) {
      case "spot": {
        const page = { action: notice.action, time: notice.at.replace(".000", "") };
        metadata.pages.set("meta-data/spot/instance-action", JSON.stringify(page));
        break;
      }
      case "rebalance": {
        const page = { noticeTime: notice.noticedAt.replace(".000", "") };
        metadata.pages.set("meta-data/events/recommendations/rebalance", JSON.stringify(page));
        break;
      }
      case "maintenance":
        events.push({
          NotBefore: guideTime(notice.notBefore),
          ...(notice.notAfter === undefined ? {} : { NotAfter: guideTime(notice.notAfter) }),
          Code: notice.code,
          Description: notice.text,
          EventId: notice.id,
          State: notice.state,
        });
    }
  }
  metadata.pages.set("meta-data/events/maintenance/scheduled", JSON.stringify(events));
}

/** `21 Jan 2019 09:00:43 GMT` */
function guideTime(iso: string): string {
  return new Date(iso).toUTCString().replace(/^\w+, /, "");
}

noticesSuite("aws", () => {
  const { notices, warnings } = createWorld();
  return {
    notices,
    warnings,
    say,
    garble: () => void metadata.pages.set("meta-data/spot/instance-action", "<html>a proxy</html>"),
  };
});

test("an instance that is no spot instance is not asked about what only those get", async () => {
  metadata.pages.set("meta-data/instance-life-cycle", "on-demand");
  const { notices, clock } = createWorld();
  await notices.pending(signal);
  await notices.pending(signal);
  await clock.sleep(300_000, signal);
  await notices.pending(signal);
  expect(metadata.asked).toEqual([
    "PUT api/token",
    "GET meta-data/instance-life-cycle",
    "GET meta-data/events/maintenance/scheduled",
    "GET meta-data/events/maintenance/scheduled",
  ]);
});

test("a spot instance is asked about its interruption at each look, about maintenance every five minutes", async () => {
  metadata.pages.set("meta-data/instance-life-cycle", "spot\n");
  const { notices } = createWorld();
  await notices.pending(signal);
  metadata.asked.length = 0;
  await notices.pending(signal);
  expect(metadata.asked.toSorted()).toEqual([
    "GET meta-data/events/recommendations/rebalance",
    "GET meta-data/spot/instance-action",
  ]);
  expect(notices.everyMs()).toBe(5_000);
});

test.each([
  ["spot/instance-action", '{"action":"explode","time":"soon"}'],
  ["events/recommendations/rebalance", "{}"],
  ["events/maintenance/scheduled", '{"NotBefore":"21 Jan 2019 09:00:43 GMT"}'],
])("garbage on %s (%s) is named, and the other pages are read", async (path, page) => {
  say([{ kind: "rebalance", noticedAt: "2026-11-21T08:00:00.000Z" }]);
  metadata.pages.set(`meta-data/${path}`, page);
  const { notices, warnings } = createWorld();
  const rest = await notices.pending(signal);
  expect(rest.map(({ kind }) => kind)).toEqual(path.endsWith("rebalance") ? [] : ["rebalance"]);
  expect(warnings).toEqual([
    `cloud-notice-unreadable: The metadata page ${path} cannot be understood: ${JSON.stringify(page)}`,
  ]);
});

const reboot = {
  NotBefore: "21 Jan 2027 09:00:43 GMT",
  Code: "system-reboot",
  Description: "a reboot",
  EventId: "e-1",
  State: "active",
};
const rebootNotice = {
  kind: "maintenance",
  id: "e-1",
  code: "system-reboot",
  text: "a reboot",
  notBefore: "2027-01-21T09:00:43.000Z",
  state: "active",
};

test.each([
  [
    "spot/instance-action",
    { action: "explode", time: "2026-11-21T08:02:00Z" },
    { kind: "spot", action: "terminate", at: "2026-11-21T08:02:00.000Z" },
    'action is "explode", which counts as "terminate"',
  ],
  [
    "spot/instance-action",
    { action: "stop", time: "soon" },
    { kind: "spot", action: "stop", at: "2026-01-01T00:02:00.000Z" },
    'time is "soon"',
  ],
  [
    "spot/instance-action",
    { action: "stop" },
    { kind: "spot", action: "stop", at: "2026-01-01T00:02:00.000Z" },
    "no time",
  ],
  [
    "events/recommendations/rebalance",
    { noticeTime: "1" },
    { kind: "rebalance", noticedAt: "2026-01-01T00:00:00.000Z" },
    'noticeTime is "1"',
  ],
  ["events/maintenance/scheduled", [{ ...reboot, NotAfter: "later" }], rebootNotice, 'NotAfter is "later"'],
  [
    "events/maintenance/scheduled",
    [{ ...reboot, Description: 5 }],
    { ...rebootNotice, text: "" },
    'Description is "5"',
  ],
  ["events/maintenance/scheduled", [{ ...reboot, State: "" }], rebootNotice, 'State is "", which counts as "active"'],
  ["events/maintenance/scheduled", [{ ...reboot, EventId: "" }], { ...rebootNotice, id: "unknown" }, 'EventId is ""'],
  [
    "events/maintenance/scheduled",
    [{ ...reboot, EventId: "e-0", NotBefore: "1" }, reboot],
    rebootNotice,
    'NotBefore is "1"',
  ],
  ["events/maintenance/scheduled", ["x", reboot], rebootNotice, 'an event is "x"'],
])("on %s one malformed field of %j loses that field alone", async (path, page, notice, wrong) => {
  say([]);
  metadata.pages.set(`meta-data/${path}`, JSON.stringify(page));
  const { notices, warnings } = createWorld();
  expect(await notices.pending(signal)).toEqual([notice]);
  expect(await notices.pending(signal)).toEqual([notice]);
  expect(warnings).toEqual([
    `cloud-notice-unreadable: The metadata page ${path} is malformed, the rest of it counts: ${wrong}`,
  ]);
});

test.each([
  [{ NotAfter: "" }, rebootNotice],
  [{ NotAfter: null }, rebootNotice],
  [
    { Code: "instance-retirement", NotAfter: "" },
    { ...rebootNotice, code: "instance-retirement" },
  ],
  [{ Description: null }, { ...rebootNotice, text: "" }],
  // Codes of EC2 User Guide, "Types of scheduled events".
  ...["instance-stop", "instance-retirement", "instance-reboot", "system-reboot", "system-maintenance", "new"].map(
    (code) => [{ Code: code }, { ...rebootNotice, code }] as const,
  ),
  ...(["active", "completed", "canceled"] as const).map(
    (state) => [{ State: state }, { ...rebootNotice, state }] as const,
  ),
] as const)("an event of which %j is said is told whole, without a warning", async (fields, notice) => {
  metadata.pages.set("meta-data/events/maintenance/scheduled", JSON.stringify([{ ...reboot, ...fields }]));
  const { notices, warnings } = createWorld();
  expect(await notices.pending(signal)).toEqual([notice]);
  expect(warnings).toEqual([]);
});

test.each([
  ["[Completed] a reboot", "completed"],
  ["[Canceled] a reboot", "canceled"],
  ["[New] a reboot", "active"],
])("where the state is unknown, the mark in %j counts", async (text, state) => {
  const event = { ...reboot, Description: text, State: null };
  metadata.pages.set("meta-data/events/maintenance/scheduled", JSON.stringify([event]));
  expect(await createWorld().notices.pending(signal)).toEqual([{ ...rebootNotice, text, state }]);
});

test("what an event said before stands where it is malformed now", async () => {
  const { notices, clock } = createWorld();
  metadata.pages.set("meta-data/events/maintenance/scheduled", JSON.stringify([{ ...reboot, State: "completed" }]));
  await notices.pending(signal);
  await clock.sleep(300_000, signal);
  const malformed = [{ ...reboot, State: "?", NotBefore: "?" }];
  metadata.pages.set("meta-data/events/maintenance/scheduled", JSON.stringify(malformed));
  expect(await notices.pending(signal)).toEqual([{ ...rebootNotice, state: "completed" }]);
});

test("a page that fails hides no notice on another, and takes back none of its own", async () => {
  const maintenance = { id: "m-1", code: "system-reboot", text: "a reboot", state: "active" } as const;
  const planned = { kind: "maintenance", ...maintenance, notBefore: "2026-11-28T09:00:00.000Z" } as const;
  const spot = { kind: "spot", action: "terminate", at: "2026-11-21T08:02:00.000Z" } as const;
  const clock = createFakeClock();
  const imds = createImds({ endpoint: metadata.endpoint, clock });
  let failing = "";
  const notices = createAwsNotices({
    imds: {
      async get(path, within) {
        if (path === failing) throw new MusterError({ code: "imds-failed", message: path, hint: "", transient: true });
        return await imds.get(path, within);
      },
    },
    clock,
    onWarning: () => expect.unreachable(),
  });
  say([planned]);
  expect(await notices.pending(signal)).toEqual([planned]);
  await clock.sleep(300_000, signal);
  failing = "meta-data/events/maintenance/scheduled";
  say([planned, spot]);
  expect(await notices.pending(signal)).toEqual([spot, planned]);
  // Nothing else is told: whoever asks hears that not all could be asked.
  say([]);
  await expect(notices.pending(signal)).rejects.toMatchObject({ code: "imds-failed" });
});

test("metadata that is switched off is no notice", async () => {
  const off = await startMetadata();
  try {
    off.tokenStatus = [403];
    const clock = createFakeClock();
    const imds = createImds({ endpoint: off.endpoint, clock });
    const notices = createAwsNotices({ imds, clock, onWarning: () => expect.unreachable() });
    await expect(notices.pending(signal)).rejects.toMatchObject({ code: "imds-disabled" });
  } finally {
    await off.close();
  }
});
