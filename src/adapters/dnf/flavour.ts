import { programs } from "../../domain/paths.ts";
import type { PackageRules } from "../../ports/package-manager.ts";

export type Argv = readonly [string, ...string[]];

/** The three that there are: dnf 4 (RHEL 8 and 9, Amazon Linux 2023), dnf 5 (Fedora 41), yum (RHEL 7, Amazon Linux 2). */
export type Flavour = "dnf" | "dnf5" | "yum";

/** Where one of them may leave its lock, each a file of its own; those that another flavour has are never there. */
export const locks = [
  "/run/yum.pid",
  "/var/cache/dnf/metadata_lock.pid",
  "/var/cache/dnf/download_lock.pid",
  "/var/lib/dnf/rpmdb_lock.pid",
  "/run/dnf/rpmtransaction.lock",
  // rpm's own, whoever works through it; Fedora has its database in /usr.
  "/var/lib/rpm/.rpm.lock",
  "/usr/lib/sysimage/rpm/.rpm.lock",
];

/**
 * Their tables are as wide as the terminal, and 80 columns without one: dnf 5 cuts names and versions off there.
 * Both names are dnf 5's, the second is also libsmartcols'.
 */
export const environment = { FORCE_COLUMNS: "400", COLUMNS: "400" };

/** What an upgrade may do: what cannot be installed is left out, rather than that nothing is installed. */
const partial = { dnf: ["--setopt=best=0"], dnf5: ["--setopt=best=0"], yum: ["--skip-broken"] };

/** Say who holds a lock and end, instead of waiting without an end; dnf 5 knows no other way. */
const noWaiting = { dnf: ["--setopt=exit_on_lock=1"], dnf5: [], yum: ["--setopt=exit_on_lock=1"] };

const { dnf, dnf5, needsRestarting } = programs;

/** What may be asked, the best first. */
const rebootHints: Readonly<Record<Flavour, readonly Argv[]>> = {
  dnf: [[dnf, "--cacheonly", "needs-restarting", "--reboothint"]],
  // Older ones have no --json; the text is that of dnf 4.
  dnf5: [
    [dnf5, "--cacheonly", "needs-restarting", "--json"],
    [dnf5, "--cacheonly", "needs-restarting"],
  ],
  yum: [[needsRestarting, "--reboothint"]],
};

/** The commands of a flavour. */
export function commandsOf(flavour: Flavour) {
  const program = programs[flavour];
  const upgradeVerb = flavour === "yum" ? "update" : "upgrade";

  function upgradeArgv(answer: "--assumeyes" | "--assumeno", security: boolean, rules: PackageRules): Argv {
    const scope = security ? ["--security"] : [];
    return [program, answer, ...noWaiting[flavour], ...partial[flavour], ...optionsFor(rules), upgradeVerb, ...scope];
  }

  return {
    /** Without the option a repository that cannot be reached may be a warning, and exit 0. */
    refresh(rules: PackageRules): Argv {
      const what = flavour === "yum" ? ["--setopt=metadata_expire=0", "makecache", "fast"] : ["--refresh", "makecache"];
      const strict = "--setopt=skip_if_unavailable=0";
      return [program, "--assumeyes", ...noWaiting[flavour], strict, ...optionsFor({ ...rules, exclude: [] }), ...what];
    },

    upgrade: (security: boolean, rules: PackageRules) => upgradeArgv("--assumeyes", security, rules),

    /** Resolves the same transaction, prints it, and answers its own question with no. */
    simulate: (security: boolean, rules: PackageRules) => upgradeArgv("--assumeno", security, rules),

    remove(packages: readonly string[]): Argv {
      // Only these: what nobody needs any more is somebody else's business.
      const alone = "--setopt=clean_requirements_on_remove=0";
      return [program, "--assumeyes", ...noWaiting[flavour], alone, "remove", ...packages];
    },

    reinstall(packages: readonly string[]): Argv {
      return [program, "--assumeyes", ...noWaiting[flavour], "reinstall", ...packages];
    },

    /** Both from the cache: whether to reboot is asked with the network gone, too. */
    rebootHint: rebootHints[flavour],

    services: (flavour === "yum"
      ? [needsRestarting, "--services"]
      : [program, "--cacheonly", "needs-restarting", "--services"]) as Argv,

    releaseUpdates: [program, "--quiet", "check-release-update", "--version-only"] as Argv,
  };
}

export const rpm = {
  installed(format: string): Argv {
    return [programs.rpm, "--query", "--all", "--queryformat", format];
  },
  kernels(format: string): Argv {
    return [programs.rpm, "--query", "--queryformat", format, "--whatprovides", "kernel", "kernel-core"];
  },
  release: [programs.rpm, "--query", "--queryformat", "%{VERSION}\n", "system-release"] as Argv,
  rebuild: [programs.rpm, "--rebuilddb"] as Argv,
};

/** yum's own record of a transaction that did not end: forgotten, because completing it may remove packages. */
export const forgetUnfinished: Argv = [programs.yumCompleteTransaction, "--assumeyes", "--cleanup-only"];

function optionsFor({ exclude, releasever }: PackageRules): readonly string[] {
  const version = releasever === undefined ? [] : [`--releasever=${releasever}`];
  return [...version, ...exclude.map((name) => `--exclude=${name}`)];
}
