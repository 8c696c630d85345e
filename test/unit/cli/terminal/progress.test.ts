import { expect, test } from "vitest";
import { showProgress } from "../../../../src/cli/terminal/progress.ts";
import type { EventBody } from "../../../../src/domain/run/events.ts";
import { createFakeIo, type FakeIo } from "../../../fakes/command-io.ts";
import { createScreen } from "../../../fakes/screen.ts";

const error = { code: "health-failed", message: "1 of 2 checks did not pass", hint: "Look at the service." };

const run: readonly (EventBody | number)[] = [
  { type: "run-started", cause: "boot", startType: "crash-restart", dryRun: false, resumed: true },
  {
    type: "stage-finished",
    stage: "config",
    outcome: "replayed",
    durationMs: 0,
    summary: "already done in this run",
    facts: {},
  },
  { type: "stage-started", stage: "index" },
  { type: "stage-started", stage: "patch" },
  { type: "stage-progress", stage: "patch", text: "waiting for dpkg (process 12, unattended-upgr)", waiting: true },
  400,
  { type: "stage-output", stage: "patch", line: "Reading package lists..." },
  {
    type: "stage-finished",
    stage: "index",
    outcome: "unchanged",
    durationMs: 900,
    summary: "the package index is up to date",
    facts: {},
  },
  { type: "notice", level: "warning", code: "packages-kept-back", text: "Newer versions cannot be installed: linux" },
  12_000,
  {
    type: "stage-finished",
    stage: "patch",
    outcome: "changed",
    durationMs: 12_400,
    summary: "3 packages changed",
    facts: {},
  },
  { type: "stage-finished", stage: "converge", outcome: "skipped", durationMs: 0, summary: "not asked for", facts: {} },
  { type: "stage-started", stage: "health" },
  {
    type: "stage-finished",
    stage: "health",
    outcome: "failed",
    durationMs: 60_000,
    summary: error.message,
    facts: {},
    error,
  },
  { type: "run-finished", end: { kind: "held", stage: "health", error }, durationMs: 75_000 },
];

function show(io: FakeIo, verbose: boolean, events: readonly (EventBody | number)[]): string {
  const progress = showProgress(io, verbose);
  for (const event of events) {
    if (typeof event === "number") io.tick(event);
    else progress.onEvent({ ...event, at: "2026-01-01T00:00:00.000Z", run: "0001-abcd" });
  }
  progress.stop();
  return io.stdout();
}

/** What a terminal shows of it. */
async function screen(io: FakeIo): Promise<string> {
  const terminal = createScreen(io.columns, 24, true);
  await terminal.write(io.stdout());
  return terminal.text();
}

const event = { at: "2026-01-01T00:00:00.000Z", run: "0001-abcd" };

test("a pipe gets a line whenever something changes, and no escape", () => {
  const text = show(createFakeIo(), false, run);
  expect(text).not.toContain("\u001b");
  expect(text).toMatchSnapshot();
});

test("a terminal shows below the finished stages what runs now, since when", async () => {
  const io = createFakeIo({ isTty: true });
  const progress = showProgress(io, false);
  for (const each of run.slice(0, 6)) {
    if (typeof each === "number") io.tick(each);
    else progress.onEvent({ ...each, ...event });
  }
  expect(await screen(io)).toMatchSnapshot();
});

test("a terminal keeps what finished and nothing else", async () => {
  const io = createFakeIo({ isTty: true });
  show(io, false, run);
  expect(await screen(io)).toMatchSnapshot();
});

test("--verbose shows what external commands print", () => {
  expect(show(createFakeIo(), true, run)).toContain("    patch    | Reading package lists...\n");
  expect(show(createFakeIo(), false, run)).not.toContain("Reading");
});

test("a plan says what would be done, and where nothing would", () => {
  const events: readonly EventBody[] = [
    {
      type: "stage-planned",
      stage: "patch",
      steps: [{ text: "install 1 security upgrade", details: ["openssl 1 -> 2"] }],
    },
    { type: "stage-planned", stage: "tags", steps: [] },
  ];
  expect(show(createFakeIo(), false, events)).toBe(
    "  → patch     install 1 security upgrade\n              openssl 1 -> 2\n  - tags      nothing to do\n",
  );
});

test("without UTF-8 every mark is ASCII", () => {
  const text = show(createFakeIo({ unicode: false }), false, run);
  expect(text).toMatchSnapshot();
  expect(text).toMatch(/^[\n -~]*$/);
});

test("nothing is drawn once it has stopped", () => {
  const io = createFakeIo({ isTty: true });
  const progress = showProgress(io, false);
  progress.onEvent({ type: "stage-started", stage: "patch", at: "2026-01-01T00:00:00.000Z" });
  progress.stop();
  const before = io.stdout();
  progress.onEvent({
    type: "notice",
    level: "info",
    code: "tag-refused",
    text: "late",
    at: "2026-01-01T00:00:00.000Z",
  });
  io.tick(1000);
  expect(io.stdout()).toBe(before);
});

test("what commands and tags say cannot move the cursor", () => {
  const evil = "\u001b[2J\u0007\rgone";
  const text = show(createFakeIo(), true, [
    { type: "stage-started", stage: "patch" },
    { type: "stage-output", stage: "patch", line: evil },
    { type: "stage-progress", stage: "patch", text: evil, waiting: false },
    { type: "notice", level: "warning", code: "tag-refused", text: evil },
    {
      type: "stage-finished",
      stage: "patch",
      outcome: "failed",
      durationMs: 0,
      summary: evil,
      facts: {},
      error: { code: "tag-refused", message: evil, hint: evil },
    },
  ]);
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
});
