// Debian trees in the cache: built once by mmdebstrap, read-only ever after, named by a digest of their recipe.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

import { type Lock, lock, tryLock } from "./lock.ts";

/** Where images and downloaded packages are kept between runs. */
export const cacheDirectory = process.env["MUSTER_LAB_CACHE"] ?? "/var/cache/muster-lab";
export const mirror = process.env["MUSTER_LAB_MIRROR"] ?? "http://deb.debian.org";
export const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

const trees = join(cacheDirectory, "images");
const buildMinutes = 15;

export function debianSources(suite: string): string[] {
  return [
    `deb ${mirror}/debian ${suite} main`,
    `deb ${mirror}/debian ${suite}-updates main`,
    `deb ${mirror}/debian-security ${suite}-security main`,
  ];
}

/** The recipe of a tree that only holds programs: no more than these packages need, without their documentation. */
export function programsRecipe(suite: string, packages: readonly string[], target: string): string[] {
  return [
    "--mode=root",
    "--variant=minbase",
    "--format=directory",
    "--quiet",
    `--keyring=${keyring}`,
    `--include=${packages.join(",")}`,
    ...["man", "doc", "locale", "info"].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`),
    suite,
    target,
    ...debianSources(suite),
  ];
}

/** The directory of what `recipe` makes. It may not exist yet. */
export function treeDirectory(kind: string, recipe: readonly string[]): string {
  const digest = createHash("sha256").update(JSON.stringify(recipe)).digest("hex").slice(0, 12);
  return join(trees, `${kind}-${digest}`);
}

/**
 * Makes sure that the tree exists. Two processes at once: the second waits and finds it done.
 * Returns the lock that keeps it from being pruned while its holder lives.
 */
export function prepareTree(
  kind: string,
  directory: string,
  argumentsFor: (target: string) => string[],
  say: (line: string) => void,
): Lock {
  const inUse = lock(`${directory}.lock`, "shared", buildMinutes * 60);
  if (existsSync(directory)) return inUse;
  const building = lock(join(trees, `.${kind}.lock`), "exclusive", buildMinutes * 60, () =>
    say(`another process builds the ${kind} image, waiting for it`),
  );
  try {
    if (!existsSync(directory)) build(kind, directory, argumentsFor, say);
    prune(kind, directory);
  } finally {
    building.release();
  }
  return inUse;
}

function build(
  kind: string,
  directory: string,
  argumentsFor: (target: string) => string[],
  say: (line: string) => void,
): void {
  say(`building the ${kind} image (about a minute, once)`);
  const unfinished = join(trees, `.building-${kind}`);
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true, mode: 0o755 });
  // In namespaces of its own: what mmdebstrap mounts in the tree goes away with it, even if killed.
  const namespaces = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
  const { status } = spawnSync("unshare", [...namespaces, "mmdebstrap", ...argumentsFor(unfinished)], {
    stdio: ["ignore", "ignore", "inherit"],
    timeout: buildMinutes * 60_000,
    killSignal: "SIGKILL",
  });
  if (status !== 0) throw new Error(`mmdebstrap could not build ${kind}: is ${mirror} reachable?`);
  renameSync(unfinished, directory);
}

/** Removes older trees of the same kind, but for those that a running lab holds. */
function prune(kind: string, current: string): void {
  const names = readdirSync(trees).filter((name) => name.startsWith(`${kind}-`) && !name.endsWith(".lock"));
  for (const directory of names.map((name) => join(trees, name)).filter((path) => path !== current)) {
    const unused = tryLock(`${directory}.lock`, "exclusive");
    if (!unused) continue;
    rmSync(directory, { recursive: true, force: true });
    rmSync(`${directory}.lock`, { force: true });
    unused.release();
  }
}
