import type { RepositoryLock } from "../../ports/package-manager.ts";

/** The evidence for repositories that stay at one version, as those of Amazon Linux 2023 do. */
export type ReleaseEvidence = {
  /** `/etc/os-release`. */
  readonly osRelease: string;
  /** `/etc/dnf/vars/releasever`, which overrides the version of the installed system. */
  readonly variable: string | undefined;
  /** The version of the package `system-release`. */
  readonly installed: string | undefined;
  /** The output of `dnf check-release-update`: empty for the newest version. Undefined if it did not answer. */
  readonly updates: string | undefined;
};

/** @returns undefined without a lock, or if the lock keeps nothing back */
export function judgeLock({ osRelease, variable, installed, updates }: ReleaseEvidence): RepositoryLock | undefined {
  if (!isVersioned(osRelease)) return undefined;
  const version = (variable ?? installed ?? "").trim();
  // `latest` is no lock.
  if (!versionPattern.test(version)) return undefined;
  if (updates === undefined) return { version };
  const out = [...updates.matchAll(/\b\d{4}\.\d+\.\d{8}\b/g)].map(([text]) => text);
  const newest = out.toSorted(compareReleases).at(-1);
  return newest !== undefined && compareReleases(newest, version) > 0 ? { version, newest } : undefined;
}

const versionPattern = /^\d{4}\.\d+\.\d{8}$/;

/** Amazon Linux from 2022 on; Amazon Linux 2 calls itself `2`. */
export function isVersioned(osRelease: string): boolean {
  return /^ID="?amzn"?$/m.test(osRelease) && /^VERSION_ID="?20\d\d/m.test(osRelease);
}

/** `2023.10.20260105` is later than `2023.9.20251117`. */
function compareReleases(one: string, other: string): number {
  const [a, b] = [numbersOf(one), numbersOf(other)];
  return a.map((part, at) => part - (b[at] ?? 0)).find((difference) => difference !== 0) ?? 0;
}

function numbersOf(version: string): readonly number[] {
  return version.split(".").map(Number);
}
