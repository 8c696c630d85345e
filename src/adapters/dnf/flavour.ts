import { programs } from "../../domain/settings/paths.ts";
import type { PackageHints, PackageRules } from "../../ports/package-manager.ts";

export type Argv = readonly [string, ...string[]];

/** The two flavours with a recent enough systemd: dnf 4 (RHEL 8 and 9, Amazon Linux 2023), dnf 5 (Fedora 41). */
export type Flavour = "dnf" | "dnf5";

/** The lock files of both flavours; those of the other flavour never exist. */
export const locks = [
  "/var/cache/dnf/metadata_lock.pid",
  "/var/cache/dnf/download_lock.pid",
  "/var/lib/dnf/rpmdb_lock.pid",
  "/run/dnf/rpmtransaction.lock",
  // rpm's own lock, for every front end; Fedora has its database in /usr.
  "/var/lib/rpm/.rpm.lock",
  "/usr/lib/sysimage/rpm/.rpm.lock",
];

/**
 * Tables are as wide as the terminal, and 80 columns without one: dnf 5 cuts names and versions off there. Both
 * variables are dnf 5's, the second is also libsmartcols'.
 */
export const environment = { FORCE_COLUMNS: "400", COLUMNS: "400" };

/** Options of an upgrade: skip packages that cannot be installed, instead of installing none. */
const partial = "--setopt=best=0";

/**
 * dnf 4 reports each repository, and gives a dead one up after 20 seconds (four attempts of five); the repository's own
 * file does not override that. The words of dnf 5 are unknown here: with it, an unreachable repository fails the
 * refresh.
 */
const strictness = {
  dnf: ["--setopt=*.skip_if_unavailable=1", "--setopt=*.timeout=5", "--setopt=*.retries=1"],
  dnf5: ["--setopt=skip_if_unavailable=0"],
};

/** Name the holder of a lock and exit, instead of waiting without an end; dnf 5 has no other way. */
const noWaiting = { dnf: ["--setopt=exit_on_lock=1"], dnf5: [] };

const { dnf, dnf5 } = programs;

/** The commands to try, the best first. */
const rebootHints: Readonly<Record<Flavour, readonly Argv[]>> = {
  dnf: [[dnf, "--cacheonly", "needs-restarting", "--reboothint"]],
  // Older versions have no --json; their text is that of dnf 4.
  dnf5: [
    [dnf5, "--cacheonly", "needs-restarting", "--json"],
    [dnf5, "--cacheonly", "needs-restarting"],
  ],
};

/** dnf 5 has no option for it: it prints this anyway. */
const rebootReasons: Readonly<Record<Flavour, string>> = {
  dnf: "dnf needs-restarting --reboothint",
  dnf5: "dnf5 needs-restarting",
};

/** The commands of a flavour. */
export function commandsOf(flavour: Flavour) {
  const program = programs[flavour];

  function upgradeArgv(answer: "--assumeyes" | "--assumeno", security: boolean, rules: Options): Argv {
    const scope = security ? ["--security"] : [];
    return [program, answer, ...noWaiting[flavour], partial, ...optionsFor(rules), "upgrade", ...scope];
  }

  return {
    refresh({ releasever }: PackageRules): Argv {
      const options = [...noWaiting[flavour], ...strictness[flavour]];
      const rules = { exclude: [], ...(releasever === undefined ? {} : { releasever }) };
      return [program, "--assumeyes", ...options, ...optionsFor(rules), "--refresh", "makecache"];
    },

    upgrade: (security: boolean, rules: Options) => upgradeArgv("--assumeyes", security, rules),

    /** Resolves the same transaction, prints it, and answers its own question with no. */
    simulate: (security: boolean, rules: Options) => upgradeArgv("--assumeno", security, rules),

    remove(packages: readonly string[]): Argv {
      // Only these packages: unneeded ones are left alone.
      const alone = "--setopt=clean_requirements_on_remove=0";
      return [program, "--assumeyes", ...noWaiting[flavour], alone, "remove", ...packages];
    },

    reinstall(packages: readonly string[]): Argv {
      return [program, "--assumeyes", ...noWaiting[flavour], "reinstall", ...packages];
    },

    /** Both from the cache: the check for a reboot also has to work without a network. */
    rebootHint: rebootHints[flavour],

    hints: { audit: `${program} check`, rebootReasons: rebootReasons[flavour] } satisfies PackageHints,

    services: [program, "--cacheonly", "needs-restarting", "--services"] as Argv,

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

/**
 * The rules of a role, and the repositories that the last refresh could not read: each command would try them again.
 */
type Options = PackageRules & { readonly unread?: readonly string[] };

function optionsFor({ exclude, releasever, unread = [] }: Options): readonly string[] {
  const version = releasever === undefined ? [] : [`--releasever=${releasever}`];
  const without = unread.length === 0 ? [] : [`--disablerepo=${unread.join(",")}`];
  return [...version, ...without, ...exclude.map((name) => `--exclude=${name}`)];
}
