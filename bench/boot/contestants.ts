// Who boots: muster, the script, cloud-init that starts the script, and the commands alone.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { Files } from "../../test/lab/machine/root.ts";
import { instancePaths } from "../../test/lab/services/services.ts";
import { floorScript } from "./floor.ts";
import { type Metered, toolPrograms, workPrograms } from "./meter.ts";
import type { About, Machine, Work } from "./world.ts";

export interface Contestant extends Work {
  /** The unit whose start is the start of the work. */
  unit: string;
  /** Prints, once it is in service, since when: seconds since 1970. */
  endedAt: string;
  /** Whether it registers, publishes and tags; the commands alone do not. */
  joins: boolean;
  /** What it used beside the commands that are the work: CPU seconds, and the largest process in MiB. */
  own: (machine: Machine, metered: readonly Metered[]) => Promise<Use>;
}

export interface Use {
  readonly cpu: number;
  readonly memory: number;
}

const meters: Files = Object.fromEntries(
  [...workPrograms, ...toolPrograms].map((name) => [`/usr/local/sbin/${name}`, executable(guestFile("meter"))]),
);
const done = "/run/by-hand.ended";

export const muster: Contestant = {
  ...{ name: "muster", muster: true, cloudInit: false, joins: true, enable: [] },
  unit: "muster.service",
  files: () => meters,
  endedAt: [
    `at=$(sed -nE 's/.*"run-finished".*"kind":"in-service".*"at":"([^"]*)".*/\\1/p' /var/lib/muster/runs/*/events.jsonl)`,
    'test -n "$at" && date +%s.%6N -d "$at"',
  ].join("\n"),
  own: daemonUse,
};

export const byHand: Contestant = {
  ...{ name: "script", muster: false, cloudInit: false, joins: true, enable: ["by-hand.service"] },
  unit: "by-hand.service",
  endedAt: `cat ${done}`,
  files: (about) => ({ ...scriptFiles(guestFile("by-hand"), about), ...scriptUnit() }),
  own: (machine, metered) => scriptUse(machine, metered, ["by-hand.service"]),
};

const cloudInitUnits = [
  "cloud-init-local.service",
  "cloud-init.service",
  "cloud-config.service",
  "cloud-final.service",
];

export const cloudInit: Contestant = {
  ...{ name: "cloud-init", muster: false, cloudInit: true, joins: true, enable: [] },
  unit: "cloud-init-local.service",
  endedAt: `cat ${done}`,
  files: (about) => ({
    ...scriptFiles(guestFile("by-hand"), about),
    "/etc/cloud/cloud.cfg.d/99-bench.cfg": [
      "datasource_list: [NoCloud]",
      "network: { config: disabled }",
      "apt: { preserve_sources_list: true }",
      "",
    ].join("\n"),
    "/var/lib/cloud/seed/nocloud/meta-data": "instance-id: bench\n",
    "/var/lib/cloud/seed/nocloud/user-data": "#cloud-config\nruncmd:\n  - [/usr/local/sbin/timed]\n",
  }),
  // The script of runcmd is a child of cloud-final: over when it is.
  own: (machine, metered) => scriptUse(machine, metered, cloudInitUnits),
};

/** @param recorded what a boot of muster ran, of this commit */
export function floorOf(recorded: readonly Metered[], commit: string): Contestant {
  return {
    ...{ name: "floor", muster: false, cloudInit: false, joins: false, enable: ["by-hand.service"] },
    unit: "by-hand.service",
    endedAt: `cat ${done}`,
    files: (about) => ({ ...scriptFiles(floorScript(recorded, commit), about), ...scriptUnit() }),
    own: (machine, metered) => scriptUse(machine, metered, ["by-hand.service"]),
  };
}

/** Of the daemon's own process: what it started is not in it. */
async function daemonUse({ instance }: Machine): Promise<Use> {
  const script = [
    "pid=$(systemctl show --value --property=MainPID muster.service)",
    "cut -d' ' -f14,15 /proc/$pid/stat",
    "sed -nE 's/^VmHWM:[[:space:]]*([0-9]+) kB/\\1/p' /proc/$pid/status",
  ].join("\n");
  const [user, system, kibibytes] = (await instance.exec(script)).stdout.trim().split(/\s+/).map(Number);
  const ticksPerSecond = 100;
  return { cpu: ((user ?? NaN) + (system ?? NaN)) / ticksPerSecond, memory: (kibibytes ?? NaN) / 1024 };
}

/** All that its units used, but for the commands that are the work. */
async function scriptUse({ instance }: Machine, metered: readonly Metered[], units: readonly string[]): Promise<Use> {
  // What is under way is told by the cgroup; what is over, by systemd.
  const { stdout } = await instance.exec(`systemctl show --value --property=CPUUsageNSec ${units.join(" ")}`);
  const all = stdout.split(/\s+/).reduce((sum, text) => sum + Number(text), 0) / 1e9;
  const work = metered.filter(({ tool }) => !tool).reduce((sum, { cpu }) => sum + cpu, 0);
  const tools = metered.filter(({ tool }) => tool).map(({ memory }) => memory);
  return { cpu: Math.max(0, all - work), memory: Math.max(0, ...tools) };
}

function scriptFiles(script: string, { id, zone, configUrl, endpoint, commit }: About): Files {
  const fact = { muster: { role: "web", environment: "dev", commit, instance: { id, zone }, tags: {} } };
  const known = {
    ...{ CONFIG_URL: configUrl, CONFIG_CA: instancePaths.gitCa, ENDPOINT: endpoint },
    FACT: JSON.stringify(fact),
  };
  const lines = Object.entries(known).map(([name, value]) => `${name}='${value}'\n`);
  const timed = `#!/bin/bash\n/usr/local/sbin/by-hand && echo $EPOCHREALTIME >${done}.new && mv ${done}.new ${done}\n`;
  return {
    ...meters,
    "/usr/local/sbin/by-hand": executable(script),
    "/usr/local/sbin/timed": executable(timed),
    "/etc/by-hand.conf": lines.join(""),
  };
}

/** It starts as early as muster.service does. */
function scriptUnit(): Files {
  const lines = [
    "[Unit]",
    "After=network.target nss-lookup.target time-set.target",
    "[Service]",
    "Type=oneshot",
    "RemainAfterExit=yes",
    "Environment=HOME=/root LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "ExecStart=/usr/local/sbin/timed",
    "[Install]",
    "WantedBy=multi-user.target",
    "",
  ];
  return { "/etc/systemd/system/by-hand.service": lines.join("\n") };
}

function guestFile(name: string): string {
  return readFileSync(join(import.meta.dirname, "guest", name), "utf8");
}

function executable(content: string) {
  return { content, mode: 0o755 };
}
