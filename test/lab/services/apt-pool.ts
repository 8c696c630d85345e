import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";

import type { ArchiveName } from "./apt-index.ts";
import { exists, openAptKey } from "./apt-key.ts";
import { buildPackage, preinstalledPackages, waitingPackages, type LabPackage } from "./apt-packages.ts";
import { run } from "../run.ts";

// The main archive has the preinstalled ones as well.
const allLabPackages = [...waitingPackages.main, ...waitingPackages.security];

/** Where the lab's own packages are, built or not: the name says what is in them. */
export function labPackagesDirectory(cacheDir: string): string {
  return join(cacheDir, `lab-packages-${digestOf(allLabPackages)}`);
}

/** Those of them that an image has installed before its first boot. */
export function preinstalledFiles(cacheDir: string): string[] {
  return preinstalledPackages.map((spec) => join(labPackagesDirectory(cacheDir), fileOf(spec)));
}

/** Builds the lab's own packages once. No network. */
export async function buildLabPackages(cacheDir: string): Promise<void> {
  await createOnce(labPackagesDirectory(cacheDir), async (work) => {
    for (const spec of allLabPackages) await buildPackage(spec, work);
  });
}

export interface AptPoolOptions {
  /** Root file system of the image: what its dpkg has is not downloaded. */
  rootfs: string;
  suite: string;
  cacheDir: string;
  /** Real packages that instances install; `nginx` when not given, and no download when empty. */
  packages?: readonly string[];
  /** Holds `debian` and `debian-security`; http://deb.debian.org when not given. */
  mirror?: string;
}

/**
 * Gathers what the lab's repository serves: the lab's own packages and, from Debian, `packages` with what they
 * depend on. The only part of the services that needs the network. Keyed by what went in, and complete or absent.
 */
export async function prepareAptPool(options: AptPoolOptions): Promise<{ dir: string }> {
  const packages = options.packages ?? ["nginx"];
  await buildLabPackages(options.cacheDir);
  const labPackages = labPackagesDirectory(options.cacheDir);
  const status = await readFile(join(options.rootfs, "var/lib/dpkg/status"), "utf8");
  const key = digestOf([status, packages, basename(labPackages)]);
  const dir = join(options.cacheDir, `apt-pool-${options.suite}-${key}`);
  await openAptKey(aptKeyDir(options.cacheDir));
  await createOnce(dir, async (work) => {
    for (const name of ["main", "security"] as const) await addLabPackages(labPackages, work, name);
    if (packages.length > 0) await download(options, packages, join(work, "main"));
  });
  return { dir };
}

/** Where the repository's key lives: one for all pools of a cache, so that images may have it baked in. */
export function aptKeyDir(cacheDir: string): string {
  return join(cacheDir, "apt-key");
}

async function addLabPackages(from: string, pool: string, archive: ArchiveName): Promise<void> {
  for (const spec of waitingPackages[archive]) {
    await cp(join(from, fileOf(spec)), join(pool, archive, fileOf(spec)));
  }
}

/** Lets apt resolve against the image's dpkg status and Debian's archives, and keeps what it would install. */
async function download(options: AptPoolOptions, packages: readonly string[], into: string): Promise<void> {
  const work = await mkdtemp(join(options.cacheDir, ".apt-"));
  try {
    for (const part of ["lists/partial", "archives/partial"]) await mkdir(join(work, part), { recursive: true });
    await writeFile(join(work, "sources.list"), debianSources(options));
    const settings = [
      `Dir::Etc::SourceList=${join(work, "sources.list")}`,
      "Dir::Etc::SourceParts=/dev/null",
      "Dir::Etc::Preferences=/dev/null",
      "Dir::Etc::PreferencesParts=/dev/null",
      `Dir::State=${work}`,
      `Dir::State::status=${join(options.rootfs, "var/lib/dpkg/status")}`,
      `Dir::State::extended_states=${join(options.rootfs, "var/lib/apt/extended_states")}`,
      `Dir::Cache=${work}`,
      "Acquire::Languages=none",
      "Acquire::Retries=3",
      // The directory belongs to root, and apt's own user could not write into it.
      "APT::Sandbox::User=root",
      "APT::Install-Recommends=false",
    ].flatMap((setting) => ["-o", setting]);
    const minutes = 60_000;
    await run(["apt-get", ...settings, "update"], { timeout: 5 * minutes });
    await run(["apt-get", ...settings, "--yes", "--download-only", "install", ...packages], { timeout: 5 * minutes });
    const files = (await readdir(join(work, "archives"))).filter((file) => file.endsWith(".deb"));
    for (const file of files) await cp(join(work, "archives", file), join(into, file));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The archives that the image was made from. */
function debianSources({ suite, mirror = "http://deb.debian.org" }: AptPoolOptions): string {
  const archives = [`debian ${suite}`, `debian ${suite}-updates`, `debian-security ${suite}-security`];
  const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
  return archives.map((archive) => `deb [signed-by=${keyring}] ${mirror}/${archive} main\n`).join("");
}

/** Fills `dir` in one step: other runs see nothing or everything. */
async function createOnce(dir: string, fill: (work: string) => Promise<void>): Promise<void> {
  if (await exists(dir)) return;
  await mkdir(join(dir, ".."), { recursive: true });
  const work = await mkdtemp(`${dir}.new-`);
  try {
    await fill(work);
    await rename(work, dir);
  } catch (error) {
    // Another run may have been faster; what it made has the same content.
    if (!(await exists(dir))) throw error;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function fileOf(spec: LabPackage): string {
  return `${spec.name}_${spec.version}_all.deb`;
}

function digestOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16);
}
