import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import type { AptKey } from "./apt-key.ts";
import { run } from "../run.ts";

/** One archive of the repository, laid out and labelled as Debian does it, so that rules written for Debian match. */
export interface Archive {
  /** Path of the archive below the server's root and below the repository's directory. */
  root: "debian" | "debian-security";
  /** Directory below `dists`, the word in a sources.list line. */
  codename: string;
  label: string;
}

export type ArchiveName = "main" | "security";

export function archivesOf(suite: string): Record<ArchiveName, Archive> {
  return {
    main: { root: "debian", codename: suite, label: "Debian" },
    security: { root: "debian-security", codename: `${suite}-security`, label: "Debian-Security" },
  };
}

/**
 * Indexes every package under `dir/ROOT/pool` and signs the result. Lists go by their hash and InRelease is
 * written last, so that a client in the middle of an update sees the old index or the new one, never half of each.
 */
export async function writeIndex(dir: string, archive: Archive, key: AptKey): Promise<void> {
  const root = join(dir, archive.root);
  const dists = join(root, "dists", archive.codename);
  const architecture = (await run(["dpkg", "--print-architecture"])).stdout.trim();
  const binary = `main/binary-${architecture}`;
  await mkdir(join(root, "pool"), { recursive: true });
  const byHash = join(dists, binary, "by-hash/SHA256");
  await mkdir(byHash, { recursive: true });

  const packages = Buffer.from(await packageStanzas(root));
  const indexes = [
    { path: `${binary}/Packages`, content: packages },
    { path: `${binary}/Packages.gz`, content: gzipSync(packages) },
  ];
  for (const { content } of indexes) await writeFile(join(byHash, sha256(content)), content);
  const release = await key.clearSign(releaseFile(archive, architecture, indexes));
  await writeFile(join(dists, "InRelease.new"), release);
  await rename(join(dists, "InRelease.new"), join(dists, "InRelease"));
}

async function packageStanzas(root: string): Promise<string> {
  const files = (await readdir(join(root, "pool"))).filter((file) => file.endsWith(".deb")).toSorted();
  const stanzas = await Promise.all(files.map((file) => packageStanza(root, `pool/${file}`)));
  return stanzas.join("\n");
}

async function packageStanza(root: string, path: string): Promise<string> {
  const control = (await run(["dpkg-deb", "--field", join(root, path)])).stdout.trimEnd();
  const { size } = await stat(join(root, path));
  const digest = sha256(await readFile(join(root, path)));
  return `${control}\nFilename: ${path}\nSize: ${size}\nSHA256: ${digest}\n`;
}

function releaseFile(
  archive: Archive,
  architecture: string,
  indexes: readonly { path: string; content: Buffer }[],
): string {
  return [
    "Origin: Debian",
    `Label: ${archive.label}`,
    `Suite: ${archive.codename}`,
    `Codename: ${archive.codename}`,
    `Date: ${new Date().toUTCString()}`,
    "Acquire-By-Hash: yes",
    `Architectures: ${architecture}`,
    "Components: main",
    "SHA256:",
    ...indexes.map(({ path, content }) => ` ${sha256(content)} ${content.length} ${path}`),
    "",
  ].join("\n");
}

function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
