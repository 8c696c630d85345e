import * as paths from "../../domain/settings/paths.ts";

/** The origin of a file of a bundle. */
export type Source = { readonly name: string } & (
  | { readonly from: "file"; readonly file: string }
  | { readonly from: "command"; readonly argv: readonly [string, ...string[]] }
);

/** What exists on the machine before the choice. Names, in order. */
export type Found = {
  /** Of the chosen runs. */
  readonly runs: readonly string[];
  /** Directories of runs that the agent set aside because it could not read their journals. */
  readonly setAside: readonly string[];
  /** In the directory of the units' logs. */
  readonly unitLogs: readonly string[];
  /** In the state directory. */
  readonly state: readonly string[];
  /** In `conf.d`. */
  readonly settings: readonly string[];
};

const { programs } = paths;

/** The files of a bundle besides status and explanation, in the order of the archive. */
export function contentsOf(found: Found): readonly Source[] {
  const ofRuns = found.runs.flatMap((run) => [
    ...recordsOf(run),
    ...found.unitLogs
      .filter((log) => log.startsWith(`muster-${run}-`) && log.endsWith(".log"))
      .map((log) => fileOf(`runs/${run}/${log}`, `${paths.logDirectory}/units/${log}`)),
  ]);
  return [
    fileOf("settings/muster.yaml", paths.settingsFile),
    ...found.settings
      .filter((name) => name.endsWith(".yaml"))
      .map((name) => fileOf(`settings/conf.d/${name}`, `${paths.settingsDirectory}/${name}`)),
    fileOf("settings/instance.yaml", paths.localInstanceFile),
    ...found.state
      .filter((name) => /\.json(?:\.unreadable-\d+)?$/.test(name))
      .map((name) => fileOf(`state/${name}`, `${paths.stateDirectory}/${name}`)),
    ...ofRuns,
    ...found.setAside.flatMap(recordsOf),
    fileOf("log/muster.log", `${paths.logDirectory}/muster.log`),
    fileOf("log/muster.log.1", `${paths.logDirectory}/muster.log.1`),
    ...ofSystemd,
    ...ofMachine,
  ];
}

function recordsOf(run: string): readonly Source[] {
  return ["journal.jsonl", "events.jsonl"].map((name) =>
    fileOf(`runs/${run}/${name}`, `${paths.runsDirectory}/${run}/${name}`),
  );
}

const ofSystemd: readonly Source[] = [
  command("systemd/journal.txt", [
    programs.journalctl,
    ...["--no-pager", "--boot", "--output=short-iso-precise", "--lines=5000"],
    ...["--unit=muster*"],
  ]),
  command("systemd/status.txt", [programs.systemctl, "status", "--no-pager", "--full", "--lines=0", "muster*"]),
  command("systemd/show.txt", [programs.systemctl, "show", "--no-pager", ...Object.values(paths.units)]),
  command("systemd/failed.txt", [programs.systemctl, "list-units", "--no-pager", "--state=failed"]),
];

/** By the name of the package in Debian and Ubuntu, and in other distributions. */
const packages = ["apt", "bind9-*", "cloud-init", "dnf", "git", "haproxy", "openssh-client", "puppet*", "systemd"];

const ofMachine: readonly Source[] = [
  fileOf("machine/os-release", "/etc/os-release"),
  command("machine/kernel.txt", [programs.uname, "-a"]),
  fileOf("machine/uptime", "/proc/uptime"),
  fileOf("machine/loadavg", "/proc/loadavg"),
  fileOf("machine/meminfo", "/proc/meminfo"),
  command("machine/disks.txt", [programs.df, "--human-readable", "--print-type"]),
  command("machine/inodes.txt", [programs.df, "--inodes"]),
  command("machine/time.txt", [programs.timedatectl, "show", "--all"]),
  command("machine/addresses.txt", [programs.ip, "-brief", "address"]),
  command("machine/routes.txt", [programs.ip, "route"]),
  fileOf("machine/resolv.conf", "/etc/resolv.conf"),
  fileOf("machine/hosts", "/etc/hosts"),
  command("machine/packages-deb.txt", [
    programs.dpkgQuery,
    ...["--show", "--showformat=${db:Status-Abbrev} ${Package} ${Version}\\n"],
    ...packages,
  ]),
  command("machine/packages-rpm.txt", [programs.rpm, "--query", "--all", ...packages]),
];

function fileOf(name: string, file: string): Source {
  return { name, from: "file", file };
}

function command(name: string, argv: readonly [string, ...string[]]): Source {
  return { name, from: "command", argv };
}

/** The files that settings name as secrets, also if the settings are not valid. */
export function secretFilesIn(settings: string): readonly string[] {
  const named = settings.matchAll(
    /(?:key|credentials|secret|password|token)\w{0,40}["']?[ \t]*:[ \t]*["']?(\/[^\s"',}\]]+)/gi,
  );
  return [...new Set([...named].map(([, file = ""]) => file))];
}
