// The alert rules of docs/monitoring.md, by Prometheus' own promtool, over what an instance tells each minute.
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createMetrics } from "../../src/adapters/prometheus/metrics.ts";
import { isWanted } from "../../src/domain/membership/wanted.ts";
import { begin, type DaemonProcess } from "../unit/daemon/begin.ts";
import { createWorld, type World } from "../unit/run/world.ts";

const minuteMs = 60_000;
const labels = 'instance="i-1",job="muster"';

/** The rules as an operator copies them. */
async function documentedRules(): Promise<string> {
  const page = await readFile(join(import.meta.dirname, "../../docs/monitoring.md"), "utf8");
  const block = /```yaml\n(- alert: [\s\S]*?)```/.exec(page)?.[1];
  if (block === undefined) throw new Error("docs/monitoring.md has no alert rules");
  return `groups:\n- name: muster\n  rules:\n${block.replaceAll(/^/gm, "  ")}`;
}

/** Every sample of each minute, by series; `_` where there was none. */
async function recorded(
  muster: DaemonProcess,
  world: World,
  minutes: number,
  each: (minute: number) => void,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const metrics = createMetrics(() => {
    const status = muster.status.current();
    const { wish, reconciling, failure } = muster.membership.status();
    const membership = { wanted: isWanted(wish, status.state), reconciling, failing: failure !== undefined };
    return { build: { version: "1.2.3", commit: "abcdef" }, status, membership };
  });
  const series = new Map<string, string[]>();
  for (let minute = 0; minute < minutes; minute += 1) {
    each(minute);
    await world.clock.advance(minuteMs);
    for (const line of (await metrics.text()).split("\n")) {
      const [, name, own = "", value] = /^(muster_\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      if (name === undefined || value === undefined) continue;
      // Prometheus renames a label of the page that the target has too.
      const kept = own.replaceAll("instance=", "exported_instance=");
      const key = `${name}{${kept === "" ? labels : `${kept},${labels}`}}`;
      const values = series.get(key) ?? [];
      series.set(key, [...values, ...Array<string>(minute - values.length).fill("_"), value]);
    }
  }
  return series;
}

/** Fails unless exactly these alerts fire at each of the minutes. */
async function expectAlerts(
  series: ReadonlyMap<string, readonly string[]>,
  expected: readonly (readonly [minute: number, alerts: readonly string[]])[],
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "muster-alerts-"));
  try {
    await writeFile(join(directory, "rules.yaml"), await documentedRules());
    const fires = { exp_labels: { instance: "i-1", job: "muster" } };
    const tests = {
      rule_files: ["rules.yaml"],
      evaluation_interval: "1m",
      tests: [
        {
          interval: "1m",
          input_series: [...series].map(([key, values]) => ({ series: key, values: values.join(" ") })),
          alert_rule_test: expected.flatMap(([minute, alerts]) =>
            ["MusterOutOfService", "MusterHeld"].map((alertname) => ({
              eval_time: `${minute}m`,
              alertname,
              exp_alerts: alerts.includes(alertname) ? [fires] : [],
            })),
          ),
        },
      ],
    };
    // JSON is YAML.
    await writeFile(join(directory, "tests.yaml"), JSON.stringify(tests));
    const { status, stdout, stderr } = spawnSync("promtool", ["test", "rules", join(directory, "tests.yaml")], {
      encoding: "utf8",
      timeout: 60_000,
    });
    expect(status, `${stdout}${stderr}`).toBe(0);
  } finally {
    await rm(directory, { recursive: true });
  }
}

test("an instance that never passes its gates is told after a quarter and after half an hour, whatever it retries", async () => {
  const world = await createWorld();
  world.healthy = false;
  const { muster } = await begin(world);
  const series = await recorded(muster, world, 120, (minute) => {
    if (minute === 90) world.healthy = true;
  });
  expect(muster.events.filter((event) => event.type === "run-started").length).toBeGreaterThan(3);
  await expectAlerts(series, [
    [10, []],
    [20, ["MusterOutOfService"]],
    [60, ["MusterOutOfService", "MusterHeld"]],
    [85, ["MusterOutOfService", "MusterHeld"]],
    [119, []],
  ]);
}, 120_000);

test("an instance that an operator takes out is told no more, and one in service never", async () => {
  const world = await createWorld();
  const { muster } = await begin(world);
  const serving = await recorded(muster, world, 60, () => undefined);
  await expectAlerts(serving, [
    [20, []],
    [59, []],
  ]);
  const drained = await recorded(muster, world, 60, (minute) => {
    if (minute === 0) void muster.drain();
  });
  await expectAlerts(drained, [[59, []]]);
}, 120_000);
