// The root file systems that instances boot from: built once by mmdebstrap, read-only ever after.
import { preinstalledFiles } from "../services/apt-pool.ts";
import type { Lock } from "./lock.ts";
import { cacheDirectory, debianSources, keyring, prepareTree, treeDirectory } from "./tree.ts";

export type Suite = "bookworm" | "trixie";
export const suites: Suite[] = ["bookworm", "trixie"];

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
  return treeDirectory(suite, mmdebstrapArguments(suite, ""));
}

/** Makes sure that the image exists; returns the lock that keeps it from being pruned while its holder lives. */
export function prepareImage(suite: Suite, say: (line: string) => void): Lock {
  return prepareTree(suite, imageDirectory(suite), (target) => mmdebstrapArguments(suite, target), say);
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
    ...debianSources(suite),
  ];
}
