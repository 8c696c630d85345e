// A disk that is full of records: as many runs as are kept, each with as much as is recorded of one. What reads them
// stays small, because it runs on hosts whose memory is for other things.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { binary } from "../terminal/window.ts";

const [runs, recordingBytes, logBytes] = [20, 8 * 1024 * 1024, 2 * 1024 * 1024];

/** Anonymous memory, in MiB: DESIGN's bound for every command. The pages of the program itself are shared. */
const most = 60;

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "muster-records-"));
  await mkdir(join(directory, "log/units"), { recursive: true });
  for (let number = 1; number <= runs; number += 1) {
    const run = `${String(number).padStart(4, "0")}-abcd`;
    await mkdir(join(directory, "state/runs", run), { recursive: true });
    await writeFile(join(directory, "state/runs", run, "events.jsonl"), recordingOf(run));
    const line = "Notice: /Stage[main]/Web/File[/srv/www/index.html]/content: content changed\n";
    const log = line.repeat(logBytes / line.length);
    for (const step of ["patch", "converge"]) {
      await writeFile(join(directory, `log/units/muster-${run}-${step}-1.log`), log);
    }
  }
});

afterAll(() => rm(directory, { recursive: true, force: true }));

function at(second: number): string {
  return new Date(Date.parse("2026-11-01T00:00:00Z") + second * 1000).toISOString();
}

/** A registration that waits for hours. */
function recordingOf(run: string): string {
  const first = { type: "run-started", cause: "boot", startType: "first-boot", dryRun: false, resumed: false };
  const lines = [first, { type: "stage-started", stage: "register" }].map((event) =>
    JSON.stringify({ ...event, at: at(0), upMs: 1, run }),
  );
  const call = { type: "cloud-call", operation: "elasticloadbalancing:DescribeTargetHealth", stage: "register" };
  const wait = { type: "stage-progress", stage: "register", waiting: true };
  let bytes = 0;
  for (let second = 1; bytes < recordingBytes; second += 1) {
    const event =
      second % 2 === 0 ? { ...call, durationMs: second % 90, attempts: 1 } : { ...wait, text: `look ${second}` };
    const line = JSON.stringify({ ...event, at: at(second), upMs: second * 1000, run });
    lines.push(line);
    bytes += line.length + 1;
  }
  return `${lines.join("\n")}\n`;
}

/** Runs the binary on these records, in a mount namespace of its own; its peak of anonymous memory in MiB. */
async function peakOf(
  words: string,
): Promise<{ readonly code: number | null; readonly mib: number; readonly bytes: number }> {
  const script = [
    "mount -t tmpfs tmpfs /var/lib && mkdir /var/lib/muster && mount -t tmpfs tmpfs /var/log && mkdir /var/log/muster",
    `mount --bind ${directory}/state /var/lib/muster && mount --bind ${directory}/log /var/log/muster`,
    `cd ${directory} && exec ${binary} ${words}`,
  ].join(" && ");
  const child = spawn("unshare", ["--mount", "sh", "-c", script], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  let bytes = 0;
  child.stdout.on("data", (part: Buffer) => (bytes += part.length));
  let kib = 0;
  while (child.exitCode === null && child.signalCode === null) {
    const status = await readFile(`/proc/${child.pid}/status`, "utf8").catch(() => "");
    kib = Math.max(kib, Number(/^RssAnon:\s+(\d+)/m.exec(status)?.[1] ?? 0));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await ended;
  return { code: child.exitCode, mib: kib / 1024, bytes };
}

test.each([
  ["runs", 0],
  ["runs --json", 0],
  ["logs --full", 0],
  ["logs --json", 0],
  ["timeline", 0],
  ["timeline --format json", 0],
  ["timeline --format svg", 0],
  ["timeline 0019-abcd 0020-abcd", 0],
  ["bundle", 0],
])("muster %s stays small", async (words, code) => {
  const peak = await peakOf(words);
  expect(peak).toMatchObject({ code });
  expect(peak.bytes).toBeGreaterThan(100);
  expect(peak.mib).toBeGreaterThan(5);
  expect(peak.mib).toBeLessThan(most);
});
