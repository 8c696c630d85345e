// The root file systems that instances boot from: built once by mmdebstrap, read-only ever after.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

import { preinstalledFiles } from "../services/apt-pool.ts";
import { type Lock, lock, tryLock } from "./lock.ts";

export type Suite = "bookworm" | "trixie";
export const suites: Suite[] = ["bookworm", "trixie"];

/** Where images and downloaded packages are kept between runs. */
export const cacheDirectory = process.env["MUSTER_LAB_CACHE"] ?? "/var/cache/muster-lab";

const images = join(cacheDirectory, "images");
export const mirror = process.env["MUSTER_LAB_MIRROR"] ?? "http://deb.debian.org";
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
const buildMinutes = 15;

const packages = [
  "systemd systemd-sysv dbus apt gpgv ca-certificates netbase procps",
  "iproute2 iputils-ping bind9-dnsutils curl git openssh-client puppet-agent",
].flatMap((line) => line.split(" "));

const withoutFiles = ["/usr/share/man/*", "/usr/share/doc/*", "/usr/share/locale/*", "/usr/share/info/*"];

// What the lab's repository has updates for; prepareLab has built it.
const installLabPackages = [
  `cp ${preinstalledFiles(cacheDirectory).join(" ")} "$1"/tmp`,
  'chroot "$1" sh -c "dpkg --install /tmp/*.deb >/dev/null"',
  'rm "$1"/tmp/*.deb',
].join(" && ");

// The lab writes the sources of each instance; a journal on disk survives its reboots.
const finish = [
  'rm -rf "$1"/etc/apt/sources.list "$1"/etc/apt/sources.list.d/* "$1"/etc/resolv.conf "$1"/etc/hostname',
  'mkdir -p "$1"/var/log/journal',
  ': > "$1"/etc/machine-id',
].join(" && ");

/** The image's directory, named by a digest of all that goes into it. It may not exist yet. */
export function imageDirectory(suite: Suite): string {
  // The path of the lab's own packages says what is in them.
  const recipe = mmdebstrapArguments(suite, "");
  const digest = createHash("sha256").update(JSON.stringify(recipe)).digest("hex").slice(0, 12);
  return join(images, `${suite}-${digest}`);
}

/**
 * Makes sure that the image exists. Two processes at once: the second waits and finds it done.
 * Returns the lock that keeps the image from being pruned while its holder lives.
 */
export function prepareImage(suite: Suite, say: (line: string) => void): Lock {
  const directory = imageDirectory(suite);
  const inUse = lock(`${directory}.lock`, "shared", buildMinutes * 60);
  if (existsSync(directory)) return inUse;
  const building = lock(join(images, `.${suite}.lock`), "exclusive", buildMinutes * 60, () =>
    say(`another process builds the ${suite} image, waiting for it`),
  );
  try {
    if (!existsSync(directory)) buildImage(suite, directory, say);
    pruneImages(suite, directory);
  } finally {
    building.release();
  }
  return inUse;
}

function buildImage(suite: Suite, directory: string, say: (line: string) => void): void {
  say(`building the ${suite} image (about a minute, once)`);
  const unfinished = join(images, `.building-${suite}`);
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true, mode: 0o755 });
  // In namespaces of its own: what mmdebstrap mounts in the tree goes away with it, even if killed.
  const namespaces = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
  const { status } = spawnSync("unshare", [...namespaces, "mmdebstrap", ...mmdebstrapArguments(suite, unfinished)], {
    stdio: ["ignore", "ignore", "inherit"],
    timeout: buildMinutes * 60_000,
    killSignal: "SIGKILL",
  });
  if (status !== 0) throw new Error(`mmdebstrap could not build ${suite}: is ${mirror} reachable?`);
  renameSync(unfinished, directory);
}

function mmdebstrapArguments(suite: Suite, target: string): string[] {
  return [
    "--mode=root",
    "--variant=minbase",
    "--format=directory",
    "--quiet",
    `--keyring=${keyring}`,
    `--include=${packages.join(",")}`,
    ...withoutFiles.map((path) => `--dpkgopt=path-exclude=${path}`),
    `--customize-hook=${installLabPackages}`,
    `--customize-hook=${finish}`,
    suite,
    target,
    `deb ${mirror}/debian ${suite} main`,
    `deb ${mirror}/debian ${suite}-updates main`,
    `deb ${mirror}/debian-security ${suite}-security main`,
  ];
}

/** Removes the suite's older images, but for those that a running lab holds. */
function pruneImages(suite: Suite, current: string): void {
  const names = readdirSync(images).filter((name) => name.startsWith(`${suite}-`) && !name.endsWith(".lock"));
  for (const directory of names.map((name) => join(images, name)).filter((path) => path !== current)) {
    const unused = tryLock(`${directory}.lock`, "exclusive");
    if (!unused) continue;
    rmSync(directory, { recursive: true, force: true });
    rmSync(`${directory}.lock`, { force: true });
    unused.release();
  }
}
