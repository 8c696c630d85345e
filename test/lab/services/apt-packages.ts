import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { run } from "../run.ts";

/** A small package of the lab. Its scripts honour DPKG_ROOT, so it also installs into a plain directory. */
export interface LabPackage {
  name: string;
  version: string;
  depends?: string;
  /** Absolute path in the instance → content. */
  files?: Record<string, string>;
  /** Those of `files` that dpkg treats as configuration. */
  conffiles?: readonly string[];
  /** Shell lines, run by `postinst configure`. */
  postinst?: string;
}

export const conffilePath = "/etc/muster-lab/conf.ini";

/** What services load, if they are told to. */
export const libraryPath = "/usr/lib/muster-lab/library.so";

/** What the lab publishes, by version. A version's effect is in its doc comment here and nowhere else. */
export const labPackages = {
  /** Has a security update (1.1) waiting. */
  app: (version: string): LabPackage => plain("muster-lab-app", version),

  /** Has an update waiting that is no security update. */
  tool: (version: string): LabPackage => plain("muster-lab-tool", version),

  /** From 1.1 on it needs a package that is new: plain `upgrade` keeps it back, `--with-new-pkgs` does not. */
  grow: (version: string): LabPackage => ({
    ...plain("muster-lab-grow", version),
    ...(version !== "1.0" && { depends: "muster-lab-grow-data" }),
  }),
  growData: (version: string): LabPackage => plain("muster-lab-grow-data", version),

  /** Its conffile differs from version to version, and installing 1.0 edits it as an operator would. */
  conf: (version: string): LabPackage => ({
    ...plain("muster-lab-conf", version),
    files: { [conffilePath]: `setting = from-package-${version}\n` },
    conffiles: [conffilePath],
    postinst: version === "1.0" ? `echo "setting = from-the-operator" > "$DPKG_ROOT${conffilePath}"` : ":",
  }),

  /** Its postinst takes `seconds`, between the files `started` and `done` in /var/lib/muster-lab-slow. */
  slow: (version: string, options: { seconds: number } = { seconds: 0 }): LabPackage => ({
    ...plain("muster-lab-slow", version),
    postinst:
      version === "1.0"
        ? ":"
        : [
            `state="$DPKG_ROOT/var/lib/muster-lab-slow"`,
            `mkdir -p "$state"`,
            `rm -f "$state/done"`,
            `echo "${version} $$" >> "$state/started"`,
            `sleep ${options.seconds}`,
            `echo ${version} > "$state/done"`,
          ].join("\n"),
  }),

  /** From 1.1 on it asks for a reboot the way Debian's kernel packages do. */
  restart: (version: string): LabPackage => ({
    ...plain("muster-lab-restart", version),
    postinst:
      version === "1.0"
        ? ":"
        : [
            `mkdir -p "$DPKG_ROOT/run"`,
            `echo "*** System restart required ***" > "$DPKG_ROOT/run/reboot-required"`,
            `echo muster-lab-restart >> "$DPKG_ROOT/run/reboot-required.pkgs"`,
          ].join("\n"),
  }),

  /** Puts a shared library into place, a new file with each version; not installed until somebody does. */
  library: (version: string): LabPackage => ({
    ...plain("muster-lab-library", version),
    postinst: [
      `mkdir -p "$DPKG_ROOT${dirname(libraryPath)}"`,
      `cp -L /usr/lib/*-linux-gnu/libz.so.1 "$DPKG_ROOT${libraryPath}.new"`,
      `mv "$DPKG_ROOT${libraryPath}.new" "$DPKG_ROOT${libraryPath}"`,
    ].join("\n"),
  }),

  /** Cannot be configured: apt-get fails and dpkg is left with a package half done. */
  broken: (version: string): LabPackage => ({
    ...plain("muster-lab-broken", version),
    postinst: version === "1.0" ? ":" : `echo "muster-lab-broken cannot be configured" >&2\nexit 1`,
  }),
};

/** What an image has installed before it meets the repository. */
export const preinstalledPackages: readonly LabPackage[] = [
  labPackages.app("1.0"),
  labPackages.tool("1.0"),
  labPackages.grow("1.0"),
  labPackages.conf("1.0"),
  labPackages.slow("1.0"),
  labPackages.restart("1.0"),
  labPackages.broken("1.0"),
];

/** What waits in a fresh repository. */
export const waitingPackages: Record<"main" | "security", readonly LabPackage[]> = {
  main: [...preinstalledPackages, labPackages.tool("1.1"), labPackages.grow("1.1"), labPackages.growData("1.0")],
  security: [labPackages.app("1.1"), labPackages.conf("1.1")],
};

function plain(name: string, version: string): LabPackage {
  return { name, version, files: { [`/usr/share/muster-lab/${name}`]: `${version}\n` } };
}

/** Builds the package with dpkg-deb and puts it into `dir`, whole or not at all. Returns its path. */
export async function buildPackage(spec: LabPackage, dir: string): Promise<string> {
  await mkdir(dir, { recursive: true });
  const work = await mkdtemp(join(dir, ".build-"));
  try {
    const root = join(work, "root");
    await writePackageTree(spec, root);
    const file = `${spec.name}_${spec.version}_all.deb`;
    await run(["dpkg-deb", "--root-owner-group", "-Znone", "--build", root, join(work, file)]);
    await rename(join(work, file), join(dir, file));
    return join(dir, file);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function writePackageTree(spec: LabPackage, root: string): Promise<void> {
  const control = [
    `Package: ${spec.name}`,
    `Version: ${spec.version}`,
    "Architecture: all",
    "Section: misc",
    "Priority: optional",
    "Maintainer: muster lab <lab@example.internal>",
    ...(spec.depends ? [`Depends: ${spec.depends}`] : []),
    "Description: package of the muster lab",
    "",
  ].join("\n");
  const files: Record<string, string> = { "/DEBIAN/control": control, ...spec.files };
  if (spec.conffiles) files["/DEBIAN/conffiles"] = spec.conffiles.map((path) => `${path}\n`).join("");
  if (spec.postinst) {
    files["/DEBIAN/postinst"] = `#!/bin/sh\nset -e\n[ "$1" = configure ] || exit 0\n${spec.postinst}\n`;
  }
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true, mode: 0o755 });
    await writeFile(join(root, path), content);
  }
  if (spec.postinst) await chmod(join(root, "DEBIAN/postinst"), 0o755);
}
