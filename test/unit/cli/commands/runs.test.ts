import { expect, test } from "vitest";
import { runsCommand } from "../../../../src/cli/commands/runs.ts";
import type { RunSummary } from "../../../../src/views/runs.ts";
import { createFakeIo } from "../../../fakes/command-io.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";

const list: readonly RunSummary[] = [
  { run: "0001-9f31", end: "unreadable", changed: [] },
  {
    run: "0002-c32a",
    startedAt: "2026-11-20T23:58:12.345Z",
    cause: "boot",
    startType: "first-boot",
    end: "in-service",
    durationMs: 734_000,
    commit,
    changed: ["patch", "converge", "register", "dns", "tags"],
  },
  {
    run: "0003-00aa",
    startedAt: "2026-11-21T00:30:00.000Z",
    cause: "schedule",
    startType: "crash-restart",
    end: "held",
    stage: "converge",
    error: "converge-failed",
    durationMs: 12_000,
    commit,
    changed: [],
  },
  {
    run: "0004-77b0",
    startedAt: "2026-11-21T00:31:00.000Z",
    cause: "retry",
    end: "interrupted",
    changed: ["converge"],
  },
  {
    run: "0005-1d2e",
    startedAt: "2026-11-21T01:00:00.000Z",
    cause: "boot",
    startType: "interrupted-reboot",
    end: "under-way",
    changed: [],
  },
];

async function runs(words: { json?: boolean } = {}, given: Parameters<typeof createFakeIo>[0] = {}, of = list) {
  const io = createFakeIo(given);
  expect(await runsCommand({ list: async () => of }).run({ args: [], options: words }, io)).toBe(0);
  return io.stdout();
}

test("runs, the newest last, below their dates", async () => {
  expect(await runs()).toMatchInlineSnapshot(`
    "run        started   ended             took         commit   why: changed
    0001-9f31  -         unreadable        -            -        unknown
    2026-11-20 UTC
    0002-c32a  23:58:12  in service        12 min 14 s  0123456  first-boot: patch, converge, register, dns, tags
    2026-11-21 UTC
    0003-00aa  00:30:00  held at converge  12 s         0123456  schedule, crash-restart
    0004-77b0  00:31:00  interrupted       -            -        retry: converge
    0005-1d2e  01:00:00  under way         -            -        interrupted-reboot
    "
  `);
});

test("in 80 columns what they changed goes on below", async () => {
  const text = await runs({}, { isTty: true });
  expect(text).toMatchInlineSnapshot(`
    "run        started   ended             took         commit   why: changed
    0001-9f31  -         unreadable        -            -        unknown
    2026-11-20 UTC
    0002-c32a  23:58:12  in service        12 min 14 s  0123456  first-boot: patch,
                                                                 converge, register,
                                                                 dns, tags
    2026-11-21 UTC
    0003-00aa  00:30:00  held at converge  12 s         0123456  schedule,
                                                                 crash-restart
    0004-77b0  00:31:00  interrupted       -            -        retry: converge
    0005-1d2e  01:00:00  under way         -            -        interrupted-reboot
    "
  `);
  for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});

test("none", async () => {
  expect(await runs({}, {}, [])).toBe("No run was made on this machine yet.\n");
  expect(JSON.parse(await runs({ json: true }, {}, []))).toEqual([]);
});

test("--json", async () => {
  expect(JSON.parse(await runs({ json: true }))).toEqual(list);
});
