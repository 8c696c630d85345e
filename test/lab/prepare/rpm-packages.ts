// The packages of the lab's rpm repository, and how they are built: by rpmbuild, in the image itself.

/** A small package. A version's effect is in its doc comment below and nowhere else. */
type RpmPackage = {
  readonly name: string;
  readonly version: string;
  readonly requires?: string;
  readonly provides?: string;
  /** Shell lines. */
  readonly pre?: string;
  readonly post?: string;
  /** Absolute path → shell line that writes the file at `$file`. */
  readonly files?: Readonly<Record<string, string>>;
  readonly config?: string;
};

/** Where everything is in an instance: the repository of each version, below it. */
export const rpmRepository = "/srv/rpm";
/** The version of the repository that has updates, and the one that an old image is locked to. */
export const repositoryVersions = { current: "2023.6.20241010", old: "2023.5.20240624" } as const;
export const rpmConfigFile = "/etc/muster-lab/conf.ini";

const installed: readonly RpmPackage[] = [
  /** Lets packages have scripts. */
  { name: "muster-lab-base", version: "1.0", provides: "/bin/sh" },
  plain("app", "1.0"),
  plain("tool", "1.0"),
  plain("grow", "1.0"),
  plain("core", "1.0"),
  plain("slow", "1.0"),
  plain("broken", "1.0"),
  plain("grumbling", "1.0"),
  plain("stuck", "1.0"),
  config("1.0"),
  server("1.0"),
];

const updates: readonly RpmPackage[] = [
  /** A security update; 1.2 is an ordinary one on top. */
  plain("app", "1.1"),
  /** An ordinary update. */
  plain("tool", "1.1"),
  /** Needs a package that is new. */
  { ...plain("grow", "1.1"), requires: "muster-lab-grow-data" },
  plain("grow-data", "1.0"),
  /** A security update which asks for a reboot, in its advisory and in needs-restarting.d. */
  plain("core", "1.1"),
  /** Its script takes the seconds in /srv/slow (0 without), between the files `started` and `done` in /var/lib/slow. */
  {
    ...plain("slow", "1.1"),
    post: "mkdir -p /var/lib/slow; echo $$ >>/var/lib/slow/started; sleep $(cat /srv/slow 2>/dev/null || echo 0); echo 1.1 >/var/lib/slow/done",
  },
  /** Cannot be installed: its script fails before. */
  { ...plain("broken", "1.1"), pre: "test ! -e /srv/broken || exit 3" },
  /** Is installed, and its script fails afterwards. */
  { ...plain("grumbling", "1.1"), post: "exit 1" },
  /** Needs what nobody has. */
  { ...plain("stuck", "1.1"), requires: "muster-lab-nowhere" },
  /** A security update whose configuration file differs. */
  config("1.1"),
  /** A service that runs a file of the package. */
  server("1.1"),
];

const security = ["app", "core", "conf"];
const ordinary = ["tool", "grow", "server"];

/** A script that builds all packages and both repositories, and installs the older versions. */
export function rpmScript(): string {
  const { current, old } = repositoryVersions;
  return [
    "set -e",
    "export HOME=/root",
    "mkdir -p /etc/rpm /etc/yum.repos.d /etc/dnf/vars /etc/dnf/plugins/needs-restarting.d",
    "echo '%_dbpath /var/lib/rpm' >/etc/rpm/macros",
    "rm -rf /root/.rpmdb; rpm --initdb",
    `mkdir -p /tmp/build ${rpmRepository}/${current} ${rpmRepository}/${old}; cd /tmp/build`,
    ...[...installed, ...updates].map(buildLines),
    `cp out/*.rpm ${rpmRepository}/${current}`,
    ...installed.map(({ name, version }) => `cp out/${name}-${version}-1.noarch.rpm ${rpmRepository}/${old}`),
    `cat >updateinfo.xml <<'XML'\n${updateinfo()}\nXML`,
    ...[current, old].map((version) => `createrepo_c --quiet ${rpmRepository}/${version}`),
    `modifyrepo_c --mdtype=updateinfo updateinfo.xml ${rpmRepository}/${current}/repodata >/dev/null`,
    "cd /; rm -rf /tmp/build",
    `echo ${current} >/etc/dnf/vars/releasever`,
    "echo muster-lab-core >/etc/dnf/plugins/needs-restarting.d/muster-lab.conf",
    "rm -f /etc/dnf/plugins/local.conf /usr/lib/python3/dist-packages/dnf-plugins/local.py",
    `printf '[muster-lab]\\nname=muster lab\\nbaseurl=file://${rpmRepository}/$releasever\\ngpgcheck=0\\n' >/etc/yum.repos.d/muster-lab.repo`,
    `dnf --quiet --assumeyes --releasever=${old} install 'muster-lab-*'`,
    "rm -rf /var/cache/dnf",
    `echo 'setting = from-the-operator' >${rpmConfigFile}`,
  ].join("\n");
}

function plain(name: string, version: string): RpmPackage {
  return {
    name: `muster-lab-${name}`,
    version,
    files: { [`/usr/share/muster-lab/${name}`]: `echo ${version} >$file` },
  };
}

function config(version: string): RpmPackage {
  const files = { [rpmConfigFile]: `echo "setting = from-package-${version}" >$file` };
  return { name: "muster-lab-conf", version, files, config: rpmConfigFile };
}

function server(version: string): RpmPackage {
  return {
    name: "muster-lab-server",
    version,
    files: {
      "/usr/lib/muster-lab/server": `cp /usr/bin/sleep $file; echo ${version} >>$file`,
      "/usr/lib/systemd/system/muster-lab-server.service": `printf '[Service]\\nExecStart=/usr/lib/muster-lab/server infinity\\n' >$file`,
    },
  };
}

function buildLines(spec: RpmPackage): string {
  const { name, version, requires, provides, pre, post, files = {} } = spec;
  const lines = [
    `Name: ${name}`,
    `Version: ${version}`,
    "Release: 1",
    "Summary: package of the muster lab",
    "License: none",
    "BuildArch: noarch",
    "AutoReqProv: no",
    ...(requires === undefined ? [] : [`Requires: ${requires}`]),
    ...(provides === undefined ? [] : [`Provides: ${provides}`]),
    "%description",
    "Package of the muster lab.",
    "%install",
    ...Object.entries(files).flatMap(([path, line]) => [
      `file=%{buildroot}${path}`,
      'mkdir -p "$(dirname $file)"',
      line,
    ]),
    ...(pre === undefined ? [] : ["%pre", pre]),
    ...(post === undefined ? [] : ["%post", post]),
    "%files",
    ...Object.keys(files).map((path) => (path === spec.config ? `%config(noreplace) ${path}` : path)),
  ];
  const options = [
    "_topdir /tmp/build/top",
    "_rpmdir /tmp/build/out",
    "_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm",
    // The program that the server is a copy of: it is neither stripped nor a mistake.
    "__os_install_post %{nil}",
    "_binaries_in_noarch_packages_terminate_build 0",
  ];
  const build = ["rpmbuild", "-bb", ...options.map((option) => `--define '${option}'`)];
  return `cat >spec <<'SPEC'\n${lines.join("\n")}\nSPEC\n${build.join(" ")} spec >log 2>&1 || { cat log >&2; exit 1; }`;
}

function updateinfo(): string {
  return [
    "<updates>",
    ...security.map((name) => advisory("security", name)),
    ...ordinary.map((name) => advisory("bugfix", name)),
    "</updates>",
  ].join("\n");
}

function advisory(type: string, name: string): string {
  const reboot = name === "core" ? "<reboot_suggested>True</reboot_suggested>" : "";
  const file = `<filename>muster-lab-${name}-1.1-1.noarch.rpm</filename>`;
  return [
    `<update from="muster lab" status="final" type="${type}" version="1">`,
    `<id>LAB-${name}</id><title>${name}</title><severity>Important</severity><issued date="2026-01-01 00:00:00"/>`,
    `<description>${name}</description><pkglist><collection short="lab"><name>lab</name>`,
    `<package name="muster-lab-${name}" version="1.1" release="1" epoch="0" arch="noarch" src="lab.src.rpm">${file}${reboot}</package>`,
    "</collection></pkglist></update>",
  ].join("");
}
