// From nothing but an image to in service, with everything that can be seen of it from inside and outside.
import { expect, test } from "vitest";

import type { RunEvent } from "../../../../src/domain/run/events.ts";
import { suites } from "../../../lab/prepare/image.ts";
import { muster, stage, waitForState, waitForUnits } from "../../harness/muster.ts";
import { pageThroughBalancer, published, servers } from "../../harness/outside.ts";
import { puppetRuns } from "../../harness/puppet-count.ts";
import { createWorld } from "../../harness/world.ts";

const textfile = "/var/lib/prometheus/node-exporter/muster.prom";
const id = "i-0a1b2c3d4e5f60718";

test.for(suites)("%s comes from a bare image into service by itself", async (suite) => {
  await using world = await createWorld(import.meta.dirname, { suite });
  const web = await world.boot({ id, settings: { metrics: { textfile } } });
  const report = await waitForState(web, "in-service");
  const commit = await world.repo.head();

  // Outside: a user gets the page by the balancer's name, and the instance is resolvable.
  expect(await pageThroughBalancer(world)).toBe(`welcome to web in dev, served by ${id}\n`);
  expect(await servers(world)).toMatchObject([{ address: web.address, port: 80, state: "UP", check: "L7OK" }]);
  const records = await published(world);
  expect(records).toHaveLength(6);
  expect(records).toContainEqual({ name: `web-${id}.example.internal`, ttl: 30, type: "A", data: web.address });
  expect(await world.services.dns.query(`${id}.example.internal`, "A")).toEqual([
    `web-${id}.example.internal.`,
    web.address,
  ]);
  expect(await world.services.dns.query(`info.${id}.example.internal`, "TXT")).toEqual(['"web in dev"']);
  const ownership = records.filter(({ name }) => name.startsWith("_muster."));
  expect(ownership.map(({ data }) => data.includes(`instance=${id}`))).toEqual([true, true, true]);

  // Inside: what status and tags say.
  expect(report).toMatchObject({
    role: "web",
    environment: "dev",
    ref: "main",
    commit,
    instance: { id, zone: "local-a" },
  });
  expect(report.run).toMatchObject({ cause: "boot", startType: "first-boot" });
  for (const { stage: name, state } of report.run?.stages ?? []) {
    expect(["changed", "unchanged"], `stage ${name}`).toContain(state);
  }
  const tags: unknown = JSON.parse(await web.readFile("/var/lib/muster/instance-tags.json"));
  expect(tags).toMatchObject({ "muster:state": "in-service", "muster:commit": commit, "muster:run": report.run?.id });
  const shown = await muster(web, "status");
  expect(shown.code).toBe(0);
  expect(shown.stdout).toContain("in service");
  expect(shown.stdout).toContain(commit.slice(0, 12));

  // The security updates, and nothing else, are installed; the operator's file is as it was.
  const versions = await web.exec("dpkg-query --show --showformat '${Package} ${Version}\\n' 'muster-lab-*'");
  expect(versions.stdout).toContain("muster-lab-app 1.1\n");
  expect(versions.stdout).toContain("muster-lab-tool 1.0\n");
  expect(await web.readFile("/etc/muster-lab/conf.ini")).toBe("setting = from-the-operator\n");
  expect(stage(report, "patch").state).toBe("changed");
  expect(await puppetRuns(web)).toEqual({ begun: 1, ended: [2], atOnce: 1 });

  // What Puppet started in the background lives on without it; what it ran as another user had a directory.
  expect((await web.exec("cat /proc/$(cat /run/left-running.pid)/cmdline")).stdout).toMatch(/^sleep/);
  expect(await web.readFile("/tmp/as-another-user")).toBe("/\n");

  // systemd: ready, supervised, and it says what is going on.
  const units = ["muster.service", "muster-ready.target", "muster-leave.service", "page.service"];
  await waitForUnits(web, Object.fromEntries(units.map((unit) => [unit, "active"])));
  const shows = async (): Promise<boolean> =>
    (await web.exec("systemctl status muster.service")).stdout.includes('Status: "in-service: every gate passed"');
  await web.waitFor(shows, { what: "STATUS= says in service", timeout: 10_000 });
  expect((await web.exec(["systemctl", "is-system-running", "--wait"])).stdout).toBe("running\n");

  // The daemon is in the sandbox that ships, and its checks of commands (su, setuid, compiles) passed out of it.
  const { stdout: status } = await web.exec("cat /proc/$(systemctl show -P MainPID muster.service)/status");
  expect(status).toMatch(/^NoNewPrivs:\t1$/m);
  expect(status).toMatch(/^Seccomp:\t2$/m);
  for (const unit of ["muster.service", "muster-leave.service"]) {
    const { stdout } = await web.exec(["systemd-analyze", "security", "--no-pager", "--threshold=34", unit]);
    expect(stdout).toMatch(/Overall exposure level for \S+: (3\.[0-4]|[0-2]\.\d) OK/);
  }

  // The unit switches the runtime's compilers off: no memory of the agent is both writable and executable.
  const { stdout: agent } = await web.exec("systemctl show --property=MainPID --value muster.service");
  expect(await web.readFile(`/proc/${agent.trim()}/maps`)).not.toMatch(/ rwx/);

  // The journal is a story; the log file has every event as JSON.
  const story = await web.journal("muster.service");
  const steps = [
    "begins: boot, first-boot",
    "identity ",
    "config ",
    "patch ",
    "converge ",
    "health ",
    "register ",
    "dns ",
    "tags ",
    "in service",
  ];
  expect(steps.filter((step) => !story.includes(step))).toEqual([]);
  expect(story.indexOf("health unchanged")).toBeGreaterThan(story.indexOf("converge changed"));
  expect(story).not.toMatch(/^.*muster\[\d+\]: (\{|<\d>)/m);
  const log = await web.exec("cat /var/log/muster/muster.log");
  const events = log.stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { event: RunEvent });
  expect(events.map(({ event }) => event.type)).toContain("run-finished");

  // Monitoring: the daemon's own page, and the file for node_exporter, which anybody may read.
  const get = (path: string) =>
    web.exec(["curl", "--silent", "--fail", "--unix-socket", "/run/muster/control.sock", `http://muster${path}`]);
  expect(await get("/healthz")).toMatchObject({ code: 0, stdout: "in-service\n" });
  const told = await get("/metrics");
  expect(told.stdout).toMatch(/^muster_commands_total\{command="puppet apply",result="2"\} 1$/m);
  const kept = await web.exec(["setpriv", "--reuid=nobody", "--clear-groups", "cat", textfile]);
  for (const { stdout } of [told, kept]) {
    expect(stdout).toMatch(/^muster_in_service 1$/m);
    expect(stdout).toMatch(/^muster_stage_duration_seconds\{stage="converge"\} \d/m);
    expect(stdout).toContain(`muster_commit_info{commit="${commit}",ref="main"} 1\n`);
  }
});
