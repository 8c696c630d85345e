import { expect, test } from "vitest";

import { checkSameCommands } from "../../../bench/boot/end-state.ts";
import { floorScript } from "../../../bench/boot/floor.ts";
import { covered, gapsOf } from "../../../bench/boot/intervals.ts";
import type { Boot } from "../../../bench/boot/measure.ts";
import { parseMeter } from "../../../bench/boot/meter.ts";
import { reportOf } from "../../../bench/boot/report.ts";

test("time is counted once, however many commands ran, and only within the window", () => {
  const intervals = [
    { begin: 4, end: 6 },
    { begin: 0, end: 2 },
    { begin: 1, end: 3 },
    { begin: 1.5, end: 2 },
    { begin: 9, end: 20 },
  ];
  expect(covered(intervals, { begin: 1, end: 10 })).toBe(2 + 2 + 1);
  expect(covered([], { begin: 1, end: 10 })).toBe(0);
});

test("a gap says what ran before and after it", () => {
  const [a, b, c] = [
    { name: "a", begin: 1, end: 5 },
    { name: "b", begin: 2, end: 3 },
    { name: "c", begin: 7, end: 8 },
  ];
  expect(gapsOf([a, b, c], { begin: 0, end: 10 })).toEqual([
    { seconds: 1, after: undefined, before: a },
    { seconds: 2, after: a, before: c },
    { seconds: 2, after: c, before: undefined },
  ]);
});

const log = [
  "100.5 101.25 0.25 0.50 2048 0 git '--git-dir=/var/lib/muster/config.git.new' 'fetch'",
  "100.6 103.0 1.00 0.00 1024 0 apt-get 'update'",
  "101.3 101.4 0.00 0.00 1024 0 git '--git-dir=/var/lib/muster/config.git' 'log' '--format=%ct %s'",
  "103.5 104.0 0.00 0.00 1024 2 puppet 'apply' '--environmentpath=/run/p/environments' '/var/lib/muster/worktrees/c0ffee/tree/site.pp'",
  "104.1 104.2 0.00 0.00 3072 0 aws '--output' 'describe-tags'",
  "",
].join("\n");

test("a line of the meter is a command with its times, as a shell reads it", () => {
  const [fetch, , , , tool] = parseMeter(log);
  expect(fetch).toMatchObject({ program: "git", begin: 100.5, end: 101.25, cpu: 0.75, memory: 2, tool: false });
  expect(fetch?.line).toBe("git '--git-dir=/var/lib/muster/config.git.new' 'fetch'");
  expect(parseMeter(log).map(({ name }) => name)).toEqual([
    "git fetch",
    "apt-get update",
    "git log",
    "puppet apply",
    "aws describe-tags",
  ]);
  expect(tool).toMatchObject({ program: "aws", tool: true });
});

test("a floor that ran something else, or failed at it, is none", () => {
  const recorded = parseMeter(log);
  expect(() => checkSameCommands(recorded, recorded.toReversed())).not.toThrow();
  expect(() => checkSameCommands(recorded, recorded.slice(1))).toThrow("not what muster ran");
  const failed = recorded.map((command) => (command.program === "puppet" ? { ...command, code: 1 } : command));
  expect(() => checkSameCommands(recorded, failed)).toThrow("puppet apply: 1");
});

test("a command of the floor waits for those that had ended when it began, and for no other", () => {
  const script = floorScript(
    parseMeter(log).filter(({ tool }) => !tool),
    "c0ffee",
  ).split("\n");
  const before = (start: string) =>
    script.slice(
      0,
      script.findIndex((line) => line.startsWith(start)),
    );
  // Side by side with the fetch.
  expect(before("apt-get").at(-1)).toMatch(/^git .*'fetch' & pid0=\$!$/);
  // After the fetch, and not after apt-get, which still ran; the fetched repo is in its place.
  expect(before("git '--git-dir=/var/lib/muster/config.git'").slice(-2)).toEqual([
    "ended $pid0",
    "mv /var/lib/muster/config.git.new /var/lib/muster/config.git",
  ]);
  expect(before("puppet").slice(-2)).toEqual([
    "ended $pid0 $pid1 $pid2",
    "mv /var/lib/muster/worktrees/.new-c0ffee /var/lib/muster/worktrees/c0ffee",
  ]);
  expect(script.find((line) => line.startsWith("mkdir"))).toContain(" /run/p/environments/production ");
});

const boot: Boot = {
  ...{ wall: 10, own: 0.1, balancer: 1, commanded: 8, cpu: 8, ownCpu: 0.2, ownMemory: 60, calls: 6, polls: 2 },
  commands: [],
  gaps: new Map([["git fetch → git log", 0.1]]),
};
const script: Boot = { ...boot, wall: 12, own: 2, calls: 5 };
const rounds = { muster: [boot], script: [script], "cloud-init": [script], floor: [{ ...boot, own: 0, calls: 0 }] };

test("budgets that are kept are met, and each that is not is said", () => {
  expect(reportOf(rounds)).not.toContain("NOT MET");
  const broken: readonly [string, Partial<Boot>][] = [
    ["own share of a boot run", { own: 0.25 }],
    ["own time ", { own: 0.31, wall: 100 }],
    ["wall, of the script's", { wall: 12.1 }],
    ["own time, of the script's", { own: 0.21 }],
    ["AWS calls besides polls", { calls: 7 }],
  ];
  for (const [budget, change] of broken) {
    const lines = reportOf({ ...rounds, muster: [{ ...boot, ...change }] }).split("\n");
    const line = lines.find((each) => each.startsWith(`| ${budget}`));
    expect(line, budget).toContain("NOT MET");
  }
});

test("own times have no ratio where there is none to compare with", () => {
  const line = reportOf(rounds)
    .split("\n")
    .find((each) => each.startsWith("| muster / floor"));
  expect(line).toMatch(/^\| muster \/ floor +\| 1\.00 \(1\.00-1\.00\) \| +\| 1\.00/);
});
