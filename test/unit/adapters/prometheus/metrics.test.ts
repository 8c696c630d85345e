import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { createMetrics, type Metrics } from "../../../../src/adapters/prometheus/metrics.ts";
import type { Shown } from "../../../../src/adapters/prometheus/gauges.ts";
import type { StatusReport } from "../../../../src/domain/instance/status.ts";
import { initialStatus } from "../../../../src/run/state/status.ts";
import { createWorld } from "../../run/world.ts";

const at = "2026-01-01T00:00:00.000Z";
const build = { version: "1.2.3", commit: "abcdef" };

function metricsOf(status: StatusReport, membership?: Shown["membership"]): Metrics {
  const idle = { wanted: undefined, reconciling: false, failing: false };
  return createMetrics(() => ({ build, status, membership: membership ?? idle }));
}

/** The samples, without comments, by their name and labels. */
async function samplesOf(metrics: Metrics): Promise<ReadonlyMap<string, number>> {
  const lines = (await metrics.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ")))]),
  );
}

test("what is not known has no sample", async () => {
  const samples = await samplesOf(metricsOf(initialStatus("boot-a", at)));
  expect(samples.get('muster_state{state="new"}')).toBe(1);
  expect(samples.get('muster_state{state="in-service"}')).toBe(0);
  expect(samples.get("muster_in_service")).toBe(0);
  const unknown = ["run_duration_seconds", "commit_timestamp_seconds", "packages_pending", "membership_wanted"];
  for (const name of unknown) expect(samples.has(`muster_${name}`), name).toBe(false);
});

test("a run is told by its stages, its end, and what it did outside", async () => {
  const world = await createWorld();
  const agent = await world.start();
  const metrics = metricsOf(agent.status.current());
  for (const listen of [metrics.onEvent]) agent.bus.listen(listen);
  await agent.run();
  const after = createMetrics(() => ({
    build,
    status: agent.status.current(),
    membership: { wanted: true, reconciling: false, failing: false },
  }));
  const gauges = await samplesOf(after);
  expect(gauges.get("muster_in_service")).toBe(1);
  expect(gauges.get("muster_membership_wanted")).toBe(1);
  expect(gauges.get("muster_run_in_progress")).toBe(0);
  expect(gauges.get('muster_stage_failed{stage="converge"}')).toBe(0);
  expect(gauges.get("muster_commit_timestamp_seconds")).toBe(Date.parse(at) / 1000);
  expect(gauges.get("muster_packages_pending")).toBeTypeOf("number");
  expect(gauges.get('muster_build_info{version="1.2.3",commit="abcdef"}')).toBe(1);
  const counters = await samplesOf(metrics);
  expect(counters.get('muster_runs_total{cause="manual",end="in-service"}')).toBe(1);
  expect(counters.get('muster_stages_total{stage="health",outcome="unchanged"}')).toBe(1);
});

test("a retry keeps what failed before it", async () => {
  const error = { code: "health-failed", message: "secret", hint: "Look." };
  const out = { since: at, tries: 3, failure: { at, run: "r3", stage: "health", error } } as const;
  const samples = await samplesOf(metricsOf({ ...initialStatus("boot-a", at), state: "starting", out }));
  expect(samples.get("muster_out_of_service_since_timestamp_seconds")).toBe(Date.parse(at) / 1000);
  expect(samples.get("muster_failed_tries")).toBe(3);
  expect(samples.get('muster_last_failure_info{stage="health",code="health-failed"}')).toBe(1);
  const serving = await samplesOf(metricsOf({ ...initialStatus("boot-a", at), state: "in-service" }));
  expect(serving.get("muster_failed_tries")).toBe(0);
  expect(serving.has("muster_out_of_service_since_timestamp_seconds")).toBe(false);
});

test("everything that is pending has a sample", async () => {
  const others = [{ code: "aws-access-denied", stage: "tags", text: "denied" }] as const;
  const pending = { code: "aws-throttled", stage: "dns", text: "throttled", since: at, nextAt: at, others } as const;
  const samples = await samplesOf(metricsOf({ ...initialStatus("boot-a", at), pending }));
  expect(samples.get('muster_membership_pending{stage="dns",code="aws-throttled"}')).toBe(1);
  expect(samples.get('muster_membership_pending{stage="tags",code="aws-access-denied"}')).toBe(1);
});

test("what kept a patch from being the whole of it is told by code and source alone", async () => {
  const status = initialStatus("boot-a", at);
  expect(JSON.stringify([...(await samplesOf(metricsOf(status))).keys()])).not.toContain("patch_trouble{");
  const patchTrouble = [
    { code: "package-fetch-failed", source: "download.docker.com stable" },
    { code: "package-index-stale" },
  ];
  const samples = await samplesOf(metricsOf({ ...status, patchTrouble }));
  expect(samples.get('muster_patch_trouble{code="package-fetch-failed",source="download.docker.com stable"}')).toBe(1);
  expect(samples.get('muster_patch_trouble{code="package-index-stale",source=""}')).toBe(1);
});

test("a pause is told, and when it ends", async () => {
  const status = initialStatus("boot-a", at);
  const none = await samplesOf(metricsOf(status));
  expect([none.get("muster_paused"), none.get("muster_paused_until_timestamp_seconds")]).toEqual([0, undefined]);
  const until = "2026-01-01T01:00:00.000Z";
  const some = await samplesOf(metricsOf({ ...status, pause: { reason: "x", by: "root", since: at, until } }));
  expect(some.get("muster_paused")).toBe(1);
  expect(some.get("muster_paused_until_timestamp_seconds")).toBe(Date.parse(until) / 1000);
});

test("announced maintenance is told with its time, and by nothing that a cloud wrote as text", async () => {
  const event = { id: "e-1", code: "system-reboot", text: "the host is replaced" };
  const maintenance = [{ ...event, notBefore: "2026-01-11T00:00:00.000Z" }];
  const text = await metricsOf({ ...initialStatus("boot-a", at), maintenance }).text();
  const time = Date.parse("2026-01-11T00:00:00.000Z") / 1000;
  expect(text).toContain(`muster_maintenance_timestamp_seconds{id="e-1",code="system-reboot"} ${time}\n`);
  expect(text).not.toContain("replaced");
});

test("the age of the patch level can be told", async () => {
  const status = initialStatus("boot-a", at);
  const name = "muster_patched_timestamp_seconds";
  expect((await samplesOf(metricsOf(status))).get(name)).toBeUndefined();
  const patched = { at: "2026-01-01T00:10:00.000Z", upgraded: 3, pending: 0 };
  expect((await samplesOf(metricsOf({ ...status, patched }))).get(name)).toBe(Date.parse(patched.at) / 1000);
});

test("commands, calls, throttles and notices are counted", async () => {
  const metrics = metricsOf(initialStatus("boot-a", at));
  const call = { type: "cloud-call", operation: "ec2:CreateTags", durationMs: 500, at } as const;
  metrics.onEvent({ ...call, attempts: 1 });
  metrics.onEvent({ ...call, attempts: 3, throttled: 2 });
  metrics.onEvent({ ...call, attempts: 1, failure: "UnauthorizedOperation" });
  const command = { type: "command-finished", stage: "config", command: "git fetch", durationMs: 250, at } as const;
  metrics.onEvent({ ...command, id: 1, ended: "exited", code: 0 });
  metrics.onEvent({ ...command, id: 2, ended: "timed-out" });
  metrics.onEvent({ type: "notice", level: "warning", code: "tags-stale", text: "x", at });
  const samples = await samplesOf(metrics);
  expect(samples.get('muster_cloud_calls_total{operation="ec2:CreateTags",result="ok"}')).toBe(2);
  expect(samples.get('muster_cloud_calls_total{operation="ec2:CreateTags",result="UnauthorizedOperation"}')).toBe(1);
  expect(samples.get('muster_cloud_call_seconds_total{operation="ec2:CreateTags"}')).toBe(1.5);
  expect(samples.get('muster_cloud_call_retries_total{operation="ec2:CreateTags"}')).toBe(2);
  expect(samples.get('muster_cloud_call_throttles_total{operation="ec2:CreateTags"}')).toBe(2);
  expect(samples.get('muster_commands_total{command="git fetch",result="0"}')).toBe(1);
  expect(samples.get('muster_commands_total{command="git fetch",result="timed-out"}')).toBe(1);
  expect(samples.get('muster_notices_total{code="tags-stale",level="warning"}')).toBe(1);
});

test("a value that an enemy made cannot make a line of its own", async () => {
  const hostile = 'web"} 1\nmuster_in_service 1\n#';
  const text = await metricsOf({ ...initialStatus("boot-a", at), commit: "abc", ref: hostile }).text();
  expect(text.split("\n").filter((line) => line.startsWith("muster_in_service"))).toEqual(["muster_in_service 0"]);
});

test("docs/monitoring.md names every metric, and no other", async () => {
  const text = await metricsOf(initialStatus("boot-a", at)).text();
  const registered = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name);
  const page = readFileSync(resolve(import.meta.dirname, "../../../../docs/monitoring.md"), "utf8");
  const rows = page.split("\n").filter((line) => line.startsWith("| `muster_"));
  const named = rows.flatMap((row) =>
    [...(row.split("|")[1] ?? "").matchAll(/`(muster_\w+)`/g)].map(([, name]) => name),
  );
  expect(new Set(named)).toEqual(new Set(registered));
});

test("each check that is made while the instance serves is told, and the verdict", async () => {
  const status = initialStatus("boot-a", at);
  expect((await samplesOf(metricsOf(status))).get("muster_healthy")).toBeUndefined();
  const tcp = {
    tier: "service",
    name: "tcp 80",
    since: at,
    ok: false,
    expected: "a connection",
    seen: "none",
  } as const;
  const disk = { tier: "system", name: "disk /", since: at, ok: true, seen: "20% free" } as const;
  const told = await samplesOf(metricsOf({ ...status, health: { healthy: false, since: at, checks: [disk, tcp] } }));
  expect(told.get("muster_healthy")).toBe(0);
  expect(told.get('muster_check_passing{tier="system",check="disk /"}')).toBe(1);
  expect(told.get('muster_check_passing{tier="service",check="tcp 80"}')).toBe(0);
});
