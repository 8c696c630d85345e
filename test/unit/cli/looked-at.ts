import type { RunEvent } from "../../../src/domain/run/events.ts";
// Ways to look at what is recorded, and what none of them may do.
import { expect } from "vitest";
import { printExplanation } from "../../../src/cli/terminal/print-explanation.ts";
import { explanationJson } from "../../../src/cli/commands/explain.ts";
import { runsCommand } from "../../../src/cli/commands/runs.ts";
import { MusterError } from "../../../src/domain/errors/errors.ts";
import type { StatusReport } from "../../../src/domain/instance/status.ts";
import { explain } from "../../../src/views/explain/explain.ts";
import type { ExplainInput } from "../../../src/views/explain/input.ts";
import { summaryOf } from "../views/run-summary.ts";
import { createFakeIo, type FakeIo } from "../../fakes/command-io.ts";
import { steers } from "./hostile.ts";
import { error, serving } from "./reports.ts";

export const now = "2026-01-01T00:10:00.000Z";
export const since = "2026-01-01T00:00:00.000Z";
export const run = "0001-abcd";

export const full: StatusReport = {
  ...serving,
  selection: {
    role: { value: "web", from: "tag muster:role" },
    environment: { value: "dev", from: "settings /etc/muster/muster.yaml:4:3" },
    ref: { value: "main", from: "default" },
    refused: [{ key: "muster:url", why: "steers nothing" }],
    weight: { value: 10, from: "tag muster:weight" },
  },
  config: {
    commit: "0123456789abcdef0123456789abcdef01234567",
    ref: "main",
    refKind: "branch",
    subject: "motd: welcome",
    committedAt: since,
    author: "Ann Author",
    fetched: true,
    before: "abc",
  },
  pause: { reason: "tests", by: "ann", since, until: "2026-01-01T01:00:00.000Z" },
  patched: { at: since, upgraded: 3, pending: 0 },
  slot: { number: 1, until: since, purpose: "patch", name: "web.example.internal", count: 2 },
  drift: { at: since, commit: "abc", drifted: 1, resources: ["File[/etc/motd]"] },
  watch: { units: ["nginx.service"], leaveMs: 1000, converge: "*/30 * * * *" },
  health: {
    healthy: false,
    since,
    checks: [
      { tier: "service", name: "unit nginx.service", since, ok: true, seen: "active" },
      { tier: "smoke", name: "http", since, ok: false, expected: "status 200", seen: "status 500" },
    ],
  },
  out: { since, tries: 3, failure: { at: since, run: "0003-abcd", stage: "health", error } },
  pending: { code: "membership-slow", text: "waits", since, nextAt: since },
};

/** Several ways to look at one text; each text that is shown steers nothing. */
export async function shown(
  work: (io: FakeIo) => unknown,
  ...options: readonly Parameters<typeof createFakeIo>[0][]
): Promise<void> {
  for (const option of options) {
    const io = createFakeIo(option);
    await work(io);
    const text = io.stdout() + io.stderr();
    if (steers(text)) expect.fail(`it steers: ${JSON.stringify(text)}`);
  }
}

export const terminal = { isTty: true } as const;
export const ways = [{}, terminal, { isTty: true, columns: 20, unicode: false }] as const;

export function inputOf(status: StatusReport | undefined, more: Partial<ExplainInput> = {}): ExplainInput {
  const settings = { kind: "unread" } as const;
  return { now, status, agent: { kind: "gone" }, settings, role: [], scheduled: [], unread: [], ...more };
}

export async function showExplanation(input: ExplainInput): Promise<void> {
  for (const kind of ["gone", "answers"] as const) {
    const told = { ...input, agent: { kind } };
    await shown((io) => io.out(printExplanation(explain(told), true, io)), ...ways);
    await shown((io) => io.out(explanationJson(told)), {});
  }
}

export async function showRuns(events: readonly RunEvent[], journal: string | undefined): Promise<void> {
  const list = async () => [summaryOf({ run, events, journal: journal ?? "", setAside: false, atWork: false })];
  await shown((io) => runsCommand({ list }).run({ args: [], options: {} }, io), ...ways);
  await shown((io) => runsCommand({ list }).run({ args: [], options: { json: true } }, io), {});
}

export function onlyUnrecorded(error: unknown): number {
  if (error instanceof MusterError && error.code === "run-unrecorded") return 1;
  throw error;
}

export function never(): never {
  throw new Error("nobody asks for this");
}

export function openPrinted() {
  return { read: async () => false, end: () => undefined };
}
