// All that a run leaves behind, so that two instances can be compared: on the disk and in the world.
import { createHash } from "node:crypto";
import type { Dirent } from "node:fs";
import { readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";

import type { Instance } from "../../lab/instance.ts";
import { published, servers } from "../harness/outside.ts";
import type { World } from "../harness/world.ts";

/** One line a thing; sorted. */
export type EndState = string[];

/** What differs between two boots of anything, what others write, and records of how it went. */
const skipped = [
  "etc/hostname",
  "etc/hosts",
  "etc/machine-id",
  "etc/resolv.conf",
  "etc/muster/instance.yaml",
  "root",
  "run",
  "tmp",
  "var/cache",
  "var/lib/apt",
  "var/lib/dpkg/lock",
  "var/lib/dpkg/lock-frontend",
  "var/lib/dpkg/status-old",
  "var/lib/muster/runs",
  "var/lib/muster/status.json",
  "var/lib/puppet",
  "var/lib/systemd",
  "var/log",
  "var/tmp",
  // dpkg does not sync these, nor write them again: a power cut within 30 s takes them.
  "etc/muster-lab/conf.ini.dpkg-dist",
  "var/lib/dpkg/updates/tmp.i",
];

/** git's own notes of when it looked at which file. */
const gitIndex = /^var\/lib\/muster\/worktrees\/[^/]*\/index$/;

export async function endState(world: World, instance: Instance, id: string): Promise<EndState> {
  const common = (text: string): string =>
    text
      .replaceAll(id, "THE-ID")
      .replaceAll(instance.address, "THE-ADDRESS")
      .replaceAll(new RegExp(`\\b${instance.name}\\b`, "g"), "THE-NAME")
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
      .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "UUID")
      .replaceAll(/\b\d{4}-[0-9a-f]{4}\b/g, "RUN")
      // A run that is made anew after a death finds what the first one had changed already.
      .replaceAll(/\bupgraded=\d+/g, "upgraded=N");
  const ours = (await servers(world)).filter(({ address }) => address === instance.address);
  const names = (await published(world)).filter((record) => JSON.stringify(record).includes(id));
  return [
    ...(await filesBelow("")).map((line) => `file ${line}`),
    ...ours.map(({ name, port, state }) => `server ${name}:${port} ${state}`),
    ...names.map((record) => `record ${JSON.stringify(record)}`),
    ...(await packages(instance)).map((line) => `package ${line}`),
    ...(await failedUnits(instance)).map((line) => `failed unit ${line}`),
    ...(await leftRunning(instance)),
  ]
    .map((line) => common(line))
    .toSorted();

  async function filesBelow(directory: string): Promise<string[]> {
    const top = instance.outside.written;
    const found: string[] = [];
    for (const entry of await readdir(join(top, directory), { withFileTypes: true })) {
      const name = join(directory, entry.name);
      if (skipped.includes(name) || gitIndex.test(name)) continue;
      if (entry.isDirectory()) found.push(`${name}/`, ...(await filesBelow(name)));
      else if (isOfMuster.test(name)) found.push(...linesOfJson(await textOf(join(top, name)), name));
      else found.push(`${name} ${await contentOf(entry, join(top, name))}`);
    }
    return found;
  }

  async function contentOf(entry: Dirent, path: string): Promise<string> {
    if (entry.isSymbolicLink()) return `-> ${await readlink(path)}`;
    if (!entry.isFile()) return "is gone, or no file";
    return createHash("sha256")
      .update(await textOf(path))
      .digest("hex")
      .slice(0, 12);
  }

  async function textOf(path: string): Promise<string> {
    return common(await readFile(path, "latin1"));
  }
}

/** In full what muster wrote: then the difference says what it is. */
const isOfMuster = /(^var\/lib\/muster\/[^/]*|\/muster)\.json$/;

/** The order of keys is nobody's promise. */
function linesOfJson(text: string, name: string): string[] {
  return lines(JSON.stringify(JSON.parse(text), sorted, 1)).map((line) => `${name}: ${line.replace(/,$/, "")}`);
}

function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

async function packages(instance: Instance): Promise<string[]> {
  const script = "dpkg-query --show --showformat '${Package} ${Version} ${Status}\\n'; dpkg --audit";
  return lines((await instance.exec(script)).stdout);
}

async function failedUnits(instance: Instance): Promise<string[]> {
  return lines((await instance.exec("systemctl --failed --no-legend --plain")).stdout);
}

/** The daemon that Puppet starts and no unit has. */
async function leftRunning(instance: Instance): Promise<string[]> {
  const { stdout } = await instance.exec("cat /proc/$(cat /run/left-running.pid)/cmdline", { check: false });
  return stdout.startsWith("sleep\0") ? [leftRunningLine] : [];
}

/** What the end state says of it. */
export const leftRunningLine = "left running: sleep";

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

/** What is in one and not in the other. */
export function differences(expected: EndState, found: EndState): string[] {
  return [
    ...expected.filter((line) => !found.includes(line)).map((line) => `- ${line}`),
    ...found.filter((line) => !expected.includes(line)).map((line) => `+ ${line}`),
  ];
}
