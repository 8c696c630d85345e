import { programs } from "../../domain/paths.ts";
import type { PackageHints, PackageRules } from "../../ports/package-manager.ts";

export type Argv = readonly [string, ...string[]];

/** The two that there are where systemd is new enough: dnf 4 (RHEL 8 and 9, Amazon Linux 2023), dnf 5 (Fedora 41). */
export type Flavour = "dnf" | "dnf5";

/** Where one of them may leave its lock, each a file of its own; those of the other flavour are never there. */
export const locks = [
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
const partial = "--setopt=best=0";

/**
 * dnf 4 says for each repository whether it was read, and gives a dead one up after 20 seconds (four attempts of five);
 * the repository's own file does not go before that. How dnf 5 says it nobody here has seen: one that cannot be reached
 * fails the refresh there.
 */
const strictness = {
  dnf: ["--setopt=*.skip_if_unavailable=1", "--setopt=*.timeout=5", "--setopt=*.retries=1"],
  dnf5: ["--setopt=skip_if_unavailable=0"],
};

/** Say who holds a lock and end, instead of waiting without an end; dnf 5 knows no other way. */
const noWaiting = { dnf: ["--setopt=exit_on_lock=1"], dnf5: [] };

const { dnf, dnf5 } = programs;

/** What may be asked, the best first. */
const rebootHints: Readonly<Record<Flavour, readonly Argv[]>> = {
  dnf: [[dnf, "--cacheonly", "needs-restarting", "--reboothint"]],
  // Older ones have no --json; the text is that of dnf 4.
  dnf5: [
    [dnf5, "--cacheonly", "needs-restarting", "--json"],
    [dnf5, "--cacheonly", "needs-restarting"],
  ],
};

/** dnf 5 knows no option for it: it says so without one. */
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
      // Only these: what nobody needs any more is somebody else's business.
      const alone = "--setopt=clean_requirements_on_remove=0";
      return [program, "--assumeyes", ...noWaiting[flavour], alone, "remove", ...packages];
    },

    reinstall(packages: readonly string[]): Argv {
      return [program, "--assumeyes", ...noWaiting[flavour], "reinstall", ...packages];
    },

    /** Both from the cache: whether to reboot is asked with the network gone, too. */
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

/** The rules of a role, and the repositories that the last refresh could not read: each command would try them again. */
type Options = PackageRules & { readonly unread?: readonly string[] };

function optionsFor({ exclude, releasever, unread = [] }: Options): readonly string[] {
  const version = releasever === undefined ? [] : [`--releasever=${releasever}`];
  const without = unread.length === 0 ? [] : [`--disablerepo=${unread.join(",")}`];
  return [...version, ...without, ...exclude.map((name) => `--exclude=${name}`)];
}
