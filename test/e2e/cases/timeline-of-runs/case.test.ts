// Where the time of real runs went: one that was killed in the middle and taken up, and a quiet one after it.
import { expect, test } from "vitest";

import type { Timeline } from "../../../../src/views/timeline/timeline.ts";
import type { Instance } from "../../../lab/instance.ts";
import { muster, waitForState } from "../../harness/muster.ts";
import { createWorld } from "../../harness/world.ts";

test("timelines of a first boot that was interrupted, of a later run, and of both", async () => {
  await using world = await createWorld(import.meta.dirname);
  const web = await world.boot({ files: { "/etc/slow-seconds": "3\n" } });
  const working = async (): Promise<boolean> => (await web.readFile("/var/log/slow-work")) === "begin\n";
  await web.waitFor(working, { what: "Puppet works", every: 100 });

  // While it is under way.
  const [live, later] = [await timelineOf(web), await timelineOf(web)];
  expect(live).toMatchObject({ state: "running" });
  expect(live.stages.at(-1)).toMatchObject({ stage: "converge", outcome: "running", work: [{ ended: "running" }] });
  expect(later.durationMs).toBeGreaterThan(live.durationMs);
  expect((await muster(web, "timeline")).stdout).toMatch(/^run 0001-\w+ \(boot, first-boot\): under way for/);

  await web.kill("SIGKILL");
  await waitForState(web, "in-service");
  const first = await timelineOf(web);
  expect(first).toMatchObject({ state: "finished", end: { kind: "in-service" }, role: "web", environment: "dev" });
  const stages = [
    "clock",
    "identity",
    "config",
    "index",
    "patch",
    "preflight",
    "converge",
    "health",
    "register",
    "dns",
    "tags",
  ];
  expect(first.stages.map(({ stage }) => stage)).toEqual(expect.arrayContaining(stages));
  expect(worked(first, "config")).toEqual(expect.arrayContaining(["git fetch", "git read-tree"]));
  expect(worked(first, "index")).toContain("apt-get update");
  expect(worked(first, "converge")).toEqual(["puppet apply"]);
  expect(worked(first, "dns")).toContain("nsupdate");
  // What the daemon tells systemd meanwhile is no stage's work; that the balancer looks at the instance is a wait.
  expect(worked(first, "register").filter((name) => name.startsWith("systemctl"))).toEqual([]);
  expect(first.stages.find(({ stage }) => stage === "register")?.waits).not.toEqual([]);

  // systemd waits five seconds before it starts the agent again, and Puppet went on meanwhile.
  expect(first.gaps).toMatchObject([{ why: "agent" }]);
  expect(first.totals.awayMs).toBeGreaterThan(4000);
  expect(first.criticalPath.map(({ kind }) => kind)).toContain("away");
  expect(first.totals.slowest?.name).toBe("puppet apply");
  const text = (await muster(web, "timeline")).stdout;
  expect(text).toMatch(/^agent away +\d+(\.\d)? s \* +┄+$/m);
  expect(text).toMatch(/^ {2}puppet apply +\d+(\.\d)? s \* +█+$/m);

  const again = await muster(web, "run");
  expect(again.code, again.stderr).toBe(0);
  const second = await timelineOf(web);
  expect(second).toMatchObject({ cause: "manual", state: "finished", gaps: [] });
  expect((await timelineOf(web, "1")).criticalPath).toEqual(first.criticalPath);

  const both = await muster(web, "timeline 1 2");
  expect(both.stdout).toMatch(/^ +0001-\w+ +0002-\w+ +difference$/m);
  expect(both.stdout).toMatch(/^ {2}puppet apply +\S+ s +\S+ s +[-+]\S+ s$/m);

  const trace = JSON.parse((await muster(web, "timeline 1 --format trace")).stdout) as { traceEvents: unknown[] };
  expect(trace.traceEvents).toContainEqual(
    expect.objectContaining({ ph: "X", name: "puppet apply", pid: 1, cat: "commands and calls" }),
  );
  const written = await muster(web, "timeline 1 2 --output /tmp/timeline.svg && cat /tmp/timeline.svg");
  expect(written.stdout.match(/class="headline"/g)).toHaveLength(2);

  const unknown = await muster(web, "timeline 7");
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining("usage-unknown-run")]);
  const nobody = await web.exec("setpriv --reuid 65534 --clear-groups muster timeline", { check: false });
  expect([nobody.code, nobody.stderr]).toEqual([1, expect.stringContaining("Run it as root")]);
});

async function timelineOf(instance: Instance, run = ""): Promise<Timeline> {
  const { code, stdout, stderr } = await muster(instance, `timeline ${run} --format json`);
  expect(code, stderr).toBe(0);
  const timeline = JSON.parse(stdout) as Timeline & { version: number };
  expect(timeline.version).toBe(1);
  return timeline;
}

function worked(timeline: Timeline, stage: string): readonly string[] {
  return timeline.stages.filter((each) => each.stage === stage).flatMap(({ work }) => work.map(({ name }) => name));
}
