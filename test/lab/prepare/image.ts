// The root file systems that instances boot from: built once by mmdebstrap, read-only ever after.
import { preinstalledFiles } from "../services/apt-pool.ts";
import type { Lock } from "./lock.ts";
import { cacheDirectory, debianSources, keyring, prepareTree, treeDirectory } from "./tree.ts";

export type Suite = "bookworm" | "trixie";
export const suites: Suite[] = ["bookworm", "trixie"];

const packages = [
  "systemd systemd-sysv dbus apt gpgv ca-certificates netbase procps",
  "iproute2 iputils-ping bind9-dnsutils curl git openssh-client puppet-agent sudo",
].flatMap((line) => line.split(" "));

const withoutFiles = ["/usr/share/man/*", "/usr/share/doc/*", "/usr/share/locale/*", "/usr/share/info/*"];

// What the lab's repository has updates for; prepareLab has built it.
const installLabPackages = [
  `cp ${preinstalledFiles(cacheDirectory).join(" ")} "$1"/tmp`,
  'chroot "$1" sh -c "dpkg --install /tmp/*.deb >/dev/null"',
  'rm "$1"/tmp/*.deb',
].join(" && ");

// Debian's own daily jobs. They would run in a test at midnight, and where a test sets the clock to another day.
const dailyTimers = ["apt-daily apt-daily-upgrade dpkg-db-backup e2scrub_all fstrim logrotate man-db puppet"].flatMap(
  (line) => line.split(" ").map((name) => `${name}.timer`),
);

// The lab writes the sources of each instance; a journal on disk survives its reboots.
const finish = [
  `systemctl --root="$1" --quiet mask ${dailyTimers.join(" ")}`,
  'rm -rf "$1"/etc/apt/sources.list "$1"/etc/apt/sources.list.d/* "$1"/etc/resolv.conf "$1"/etc/hostname',
  'mkdir -p "$1"/var/log/journal',
  ': > "$1"/etc/machine-id',
].join(" && ");

/** What an image has besides what all have; the name sets it apart in the cache. */
export interface Addition {
  name: string;
  packages: readonly string[];
}

/** The image's directory, named by a digest of all that goes into it. It may not exist yet. */
export function imageDirectory(suite: Suite, addition?: Addition): string {
  // The path of the lab's own packages says what is in them.
  return treeDirectory(kindOf(suite, addition), mmdebstrapArguments(suite, "", addition));
}

/** Makes sure that the image exists; returns the lock that keeps it from being pruned while its holder lives. */
export function prepareImage(suite: Suite, say: (line: string) => void, addition?: Addition): Lock {
  const recipe = (target: string): string[] => mmdebstrapArguments(suite, target, addition);
  return prepareTree(kindOf(suite, addition), imageDirectory(suite, addition), recipe, say);
}

/** Trees of a kind are pruned by its name as their prefix, so none may begin with another's. */
function kindOf(suite: Suite, addition?: Addition): string {
  return addition === undefined ? suite : `${addition.name}-on-${suite}`;
}

function mmdebstrapArguments(suite: Suite, target: string, addition?: Addition): string[] {
  return [
    "--mode=root",
    "--variant=minbase",
    "--format=directory",
    "--quiet",
    `--keyring=${keyring}`,
    `--include=${[...packages, ...(addition?.packages ?? [])].join(",")}`,
    ...withoutFiles.map((path) => `--dpkgopt=path-exclude=${path}`),
    `--customize-hook=${installLabPackages}`,
    `--customize-hook=${finish}`,
    suite,
    target,
    ...debianSources(suite),
  ];
}
