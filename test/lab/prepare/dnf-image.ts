// Debian with dnf in apt's place: systemd, dnf 4, rpm with a database of its own, and a repository on its disk.
import type { Suite } from "./image.ts";
import type { Lock } from "./lock.ts";
import { rpmScript } from "./rpm-packages.ts";
import { prepareTree, programsRecipe, treeDirectory } from "./tree.ts";

const packages = [
  "systemd systemd-sysv dbus iproute2 procps git ca-certificates",
  "dnf dnf-plugins-core python3-dbus rpm createrepo-c",
].flatMap((line) => line.split(" "));

const finish = [
  'rm -rf "$1"/etc/resolv.conf "$1"/etc/hostname "$1"/usr/bin/apt-get "$1"/var/cache/apt/*.bin "$1"/var/lib/apt/lists/*',
  'mkdir -p "$1"/var/log/journal',
  ': > "$1"/etc/machine-id',
].join(" && ");

export function dnfImageDirectory(suite: Suite): string {
  return treeDirectory(kindOf(suite), recipe(suite, ""));
}

/** As prepareImage. */
export function prepareDnfImage(suite: Suite, say: (line: string) => void): Lock {
  const directory = dnfImageDirectory(suite);
  return prepareTree(kindOf(suite), directory, (target) => recipe(suite, target), say);
}

function kindOf(suite: Suite): string {
  return `dnf-on-${suite}`;
}

function recipe(suite: Suite, target: string): string[] {
  return [
    `--customize-hook=cat >"$1"/tmp/rpms <<'SCRIPT'\n${rpmScript()}\nSCRIPT\nchroot "$1" sh /tmp/rpms && rm "$1"/tmp/rpms`,
    `--customize-hook=${finish}`,
    ...programsRecipe(suite, packages, target),
  ];
}
