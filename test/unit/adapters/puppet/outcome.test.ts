// Against what Puppet 7.23 (Debian 12) and 8.10 (Debian 13) really wrote, worktree /repo.
import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { driftOf, outcomeOf } from "../../../../src/adapters/puppet/outcome.ts";
import { placesIn } from "../../../../src/adapters/puppet/command.ts";
import type { UnitExit } from "../../../../src/ports/unit-runner.ts";

function ended(version: string, name: string, exit: UnitExit, log = "/log") {
  const places = placesIn(join(import.meta.dirname, "runs", version, name));
  return outcomeOf({ exit, places, log, directory: "/repo" });
}

function exited(code: number): UnitExit {
  return { kind: "exited", code };
}

describe.each(["puppet7", "puppet8"])("%s", (version) => {
  test("0 is unchanged", async () => {
    const result = await ended(version, "unchanged", exited(0));
    expect(result).toMatchObject({ changed: false, failures: [], log: "/log" });
    expect(result.counts).toEqual({ total: 8, changed: 0, failed: 0, skipped: 0 });
    expect(result.seconds["total"]).toBeGreaterThan(0);
    expect(result.seconds).not.toHaveProperty("last_run");
  });

  test("2 is changed", async () => {
    const result = await ended(version, "changed", exited(2));
    expect(result).toMatchObject({ changed: true, failures: [], counts: { total: 8, changed: 1, failed: 0 } });
  });

  test("4 names the failed resource with its reason", async () => {
    const result = await ended(version, "failed", exited(4));
    expect(result).toMatchObject({ changed: false, counts: { total: 8, failed: 1 } });
    expect(result).toMatchObject({ managed: 1, warnings: { count: 0, first: [] } });
    expect(result.failures).toEqual([
      { resource: "Exec[boom]", message: `'/bin/sh -c "exit 3"' returned 3 instead of one of [0]` },
    ]);
  });

  test("6 names every failed resource once, and no skipped one", async () => {
    const result = await ended(version, "failed-and-changed", exited(6));
    expect(result).toMatchObject({ changed: true, counts: { failed: 6, skipped: 1 } });
    expect(result.failures.map(({ resource }) => resource)).toEqual([
      "Exec[boom]",
      `Exec[slow "quoted"]`,
      "Service[nosuch]",
      "Package[nosuch-package]",
      "Exec[refreshed]",
      "File[/nosuchdir/x]",
    ]);
    const messages = new Map(result.failures.map(({ resource, message }) => [resource, message]));
    expect(messages.get("Package[nosuch-package]")).toMatch(/E: Unable to locate package nosuch-package$/);
    expect(messages.get("Exec[refreshed]")).toBe("refresh failed: '/bin/false' returned 1 instead of one of [0]");
    expect(messages.get("File[/nosuchdir/x]")).toContain("(manifests/bad/fail.pp:10)");
    expect(JSON.stringify(result)).not.toContain("hunter2");
  });

  test("a failed exec is told by its own words, the line that says why first", async () => {
    const result = await ended(version, "exec-output", exited(4));
    const told = new Map(result.failures.map(({ resource, message }) => [resource, message]));
    expect(told.get("Exec[clone]")).toMatch(
      /^Load key \/root\/\.ssh\/id: error in libcrypto \('\/bin\/sh .*returned 128 /,
    );
    expect(told.get("Exec[mute]")).toBe("'/bin/false' returned 1 instead of one of [0]");
  });

  test("a default node that is empty manages nothing", async () => {
    const result = await ended(version, "empty", exited(0));
    expect(result).toMatchObject({ managed: 0, counts: { total: 7 } });
  });

  test("warnings are counted, and the first ones quoted", async () => {
    const result = await ended(version, "doubts", exited(2));
    expect(result.managed).toBe(1);
    expect(result.warnings).toEqual({
      count: 4,
      first: ["the old way is going away", "nothing here says", "the third"],
    });
  });

  test("drift is what a converge would change: not what the code marks as noop, nor what it forced now", async () => {
    const directory = await mkdtemp(join(tmpdir(), "muster-compared-"));
    try {
      await cp(join(import.meta.dirname, "runs", version, "compared"), directory, { recursive: true });
      const places = placesIn(directory);
      const drift = await driftOf({ exit: exited(2), places, log: "/log", directory: "/repo" });
      expect(drift).toEqual({ drifted: 1, resources: ["File[/tmp/drifted]"], changed: 1 });
      // What is sensitive stood in it.
      expect(await readdir(directory)).not.toContain("catalogues");
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  test("a resource whose refresh failed counts once", async () => {
    const result = await ended(version, "refresh-failed", exited(6));
    expect(result.counts.failed).toBe(1);
    expect(result.failures).toHaveLength(1);
  });

  test("code that does not compile: what, file and line, relative to the repo", async () => {
    await expect(ended(version, "no-class", exited(1))).rejects.toMatchObject({
      code: "converge-compile-failed",
      message: expect.stringMatching(
        /Could not find class ::nosuch::thing .*\(manifests\/bad\/noclass\.pp:1:1\)$/,
      ) as unknown,
    });
  });

  test("several mistakes are told at once", async () => {
    await expect(ended(version, "two-errors", exited(1))).rejects.toMatchObject({
      code: "converge-compile-failed",
      message: expect.stringMatching(/twoerrors\.pp:2:3\).*twoerrors\.pp:3:15\)/) as unknown,
    });
  });

  test("a dependency cycle is no compile error, but no result either", async () => {
    await expect(ended(version, "cycle", exited(1))).rejects.toMatchObject({
      code: "converge-failed",
      message: expect.stringContaining("(Notify[a] => Notify[b] => Notify[a])") as unknown,
    });
  });
});

describe("ends without a result", () => {
  test.each<[UnitExit, RegExp]>([
    [{ kind: "killed", signal: "SIGKILL" }, /killed by SIGKILL/],
    [{ kind: "timed-out" }, /longer than its time-out/],
    [{ kind: "lost", why: "it left no exit state" }, /it left no exit state/],
  ])("%o", async (exit, words) => {
    await expect(ended("puppet8", "unchanged", exit)).rejects.toMatchObject({
      code: "converge-failed",
      message: expect.stringMatching(words) as unknown,
      hint: expect.stringContaining("/log") as unknown,
    });
  });

  test("an exit code of success without a report is not believed", async () => {
    await expect(ended("puppet8", "no-class", exited(0))).rejects.toMatchObject({
      code: "converge-failed",
      message: expect.stringContaining("without a report") as unknown,
    });
  });

  test("failures that no message names are failures still", async () => {
    const result = await ended("puppet8", "unchanged", exited(4));
    expect(result.failures).toEqual([{ resource: "Puppet", message: "exit code 4, and no resource named" }]);
  });

  test("an end before the log began is told in Puppet's last words", async () => {
    const log = join(import.meta.dirname, "runs", "invalid-option.txt");
    await expect(ended("puppet8", "no-such-run", exited(1), log)).rejects.toMatchObject({
      code: "converge-compile-failed",
      message: expect.stringMatching(/: Could not parse application options: invalid option: --nosuch$/) as unknown,
    });
  });
});
