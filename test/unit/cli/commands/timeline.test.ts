import { describe, expect, test } from "vitest";
import { runProgram } from "../../../../src/cli/program.ts";
import { timelineCommand } from "../../../../src/cli/commands/timeline.ts";
import type { RunEvent } from "../../../../src/domain/run/events.ts";
import { createFakeIo } from "../../../fakes/command-io.ts";
import { begins, bootedBefore, ends, finished, firstBoot, run, stamped, started } from "../../views/timeline/tape.ts";
import { createFakeRecordings } from "../../../fakes/recordings.ts";

const open: readonly RunEvent[] = [stamped(started(), 0), stamped(begins("converge"), 10)];

/** A machine with these runs; the agent lives while `upMs` is given. */
function machine(runs: Readonly<Record<string, readonly RunEvent[]>>, upMs?: number) {
  const written = new Map<string, string>();
  const command = timelineCommand({
    recordings: createFakeRecordings(
      () => new Map(Object.entries(runs).map(([id, events]) => [id, events.map((event) => ({ ...event, run: id }))])),
    ),
    now: async () => (upMs === undefined ? undefined : { at: "2026-11-21T05:00:00.000Z", upMs, boot: "boot-1" }),
    write: async (file, text) => void written.set(file, text),
  });
  return {
    written,
    muster: async (words: string, io = createFakeIo()) => {
      const program = { version: "", commands: { timeline: async () => command } };
      const status = await runProgram(program, ["timeline", ...words.split(" ").filter((word) => word !== "")], io);
      return { status, stdout: io.stdout(), stderr: io.stderr() };
    },
  };
}

const two = {
  "0001-aaaa": [...open, stamped(ends("converge"), 90), stamped(finished(), 100)],
  [run]: firstBoot.events,
};

describe("which run", () => {
  test.each([
    ["", run],
    ["3", run],
    ["-1", "0001-aaaa"],
    ["0001-aaaa", "0001-aaaa"],
  ])("muster timeline %s", async (words, expected) => {
    const { status, stdout } = await machine(two).muster(words);
    expect([status, stdout.split(" ")[1]]).toEqual([0, expected]);
  });

  test("one that is not there: those there are, and exit status 2", async () => {
    const { status, stderr } = await machine(two).muster("7");
    expect([status, stderr]).toEqual([2, expect.stringContaining(`there are ${run}, 0001-aaaa`)]);
  });

  test("one that was made before anything was recorded", async () => {
    const { status, stderr } = await machine({ [run]: [] }).muster("");
    expect([status, stderr]).toEqual([1, expect.stringContaining("(run-unrecorded)")]);
  });

  test("none at all", async () => {
    const { status, stderr } = await machine({}).muster("");
    expect([status, stderr]).toEqual([1, expect.stringContaining("(run-missing)")]);
  });
});

describe("a run without an end", () => {
  test("is under way while an agent lives and it is the newest", async () => {
    const { stdout } = await machine({ ...two, "0004-bbbb": open }, bootedBefore + 5000).muster("");
    expect(stdout).toContain("run 0004-bbbb (boot, first-boot): under way for 5.0 s");
  });

  test("was interrupted when nobody is at work", async () => {
    const { stdout } = await machine({ ...two, "0004-bbbb": open }).muster("");
    expect(stdout).toContain("interrupted after 10 ms");
  });

  test("was interrupted when there is a newer one", async () => {
    const { stdout } = await machine({ "0001-aaaa": open, [run]: firstBoot.events }, bootedBefore + 5000).muster("1");
    expect(stdout).toContain("interrupted after");
  });
});

describe("formats", () => {
  test.each([
    ["--format svg", /^<svg /],
    ["--format json", /^\{\n {2}"version": 1,\n/],
    ["--format trace", /^\{"traceEvents":/],
    ["--format text", /^run 0003-9c1e/],
  ])("%s", async (words, beginning) => {
    const { status, stdout } = await machine(two).muster(words);
    expect(status).toBe(0);
    expect(stdout).toMatch(beginning);
  });

  test.each([
    ["-o a.svg", "a.svg", /^<svg /],
    ["-o a.json", "a.json", /"version": 1/],
    ["-o a.json --format trace", "a.json", /"traceEvents"/],
    ["--output a.txt", "a.txt", /^run 0003-9c1e/],
  ])("%s writes that, and nothing to the terminal", async (words, file, content) => {
    const { written, muster } = machine(two);
    expect(await muster(words)).toEqual({ status: 0, stdout: "", stderr: "" });
    expect([...written.keys()]).toEqual([file]);
    expect(written.get(file)).toMatch(content);
  });

  test("one that there is not", async () => {
    const { status, stderr } = await machine(two).muster("--format png");
    expect([status, stderr]).toEqual([2, expect.stringContaining("The formats are text, svg, json, trace.")]);
  });

  test("two runs are told side by side", async () => {
    expect((await machine(two).muster("-1 3")).stdout).toMatch(/^converge +80 ms +5\.0 s +\+4\.9 s$/m);
    expect((await machine(two).muster("1 3 --format svg")).stdout.match(/class="headline"/g)).toHaveLength(2);
  });
});

test("a pipe gets 80 columns without colours, a terminal its own with them, a file none", async () => {
  const { written, muster } = machine(two);
  const piped = await muster("");
  expect(Math.max(...piped.stdout.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(80);
  const coloured = await muster("", createFakeIo({ isTty: true, columns: 120, color: true }));
  expect(coloured.stdout).toContain("\u001b[1m");
  await muster("-o file", createFakeIo({ isTty: true, columns: 120, color: true }));
  expect(written.get("file")).not.toContain("\u001b");
});
