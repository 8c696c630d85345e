import type { PackageChange } from "../../ports/package-manager.ts";

/** One package in rpm's database. */
export type Installed = {
  readonly name: string;
  /** `EPOCH:VERSION-RELEASE`, an epoch of 0 left out, as dnf prints it. */
  readonly version: string;
  readonly arch: string;
  /** When it was installed, in seconds since the epoch. */
  readonly time: number;
};

export const installedFormat = "%{NAME}\\t%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\\t%{ARCH}\\t%{INSTALLTIME}\\n";

/** @param output of `rpm --query` in {@link installedFormat} */
export function parseInstalled(output: string): readonly Installed[] {
  return [...output.matchAll(/^(\S+)\t(?:0:)?(\S+)\t(\S+)\t(\d+)$/gm)].map(
    ([, name = "", version = "", arch = "", time]) => ({ name, version, arch, time: Number(time) }),
  );
}

/** The same text again, to be stored. */
export function formatInstalled(packages: readonly Installed[]): string {
  return packages.map(({ name, version, arch, time }) => `${name}\t${version}\t${arch}\t${time}\n`).join("");
}

/** A package in two versions that may have only one. */
export type Duplicate = { readonly newest: Installed; readonly older: readonly Installed[] };

/**
 * The left-overs of a transaction that was killed between installing the new version of a package and removing the old
 * one. Kernels and keys may have several versions (dnf.conf(5), `installonlypkgs`).
 */
export function duplicatesIn(packages: readonly Installed[]): readonly Duplicate[] {
  const groups = Map.groupBy(packages.filter(hasOneVersion), ({ name, arch }) => `${name}.${arch}`);
  return [...groups.values()].flatMap((group) => {
    const [newest, ...older] = group.toSorted((one, other) => other.time - one.time);
    return newest === undefined || older.length === 0 ? [] : [{ newest, older }];
  });
}

function hasOneVersion({ name }: Installed): boolean {
  return !/^(?:kernel|kmod-|installonlypkg|gpg-pubkey)/.test(name);
}

/** `NAME-EPOCH:VERSION-RELEASE.ARCH`, which every flavour takes for exactly one package. */
export function specOf({ name, version, arch }: Installed): string {
  return `${name}-${version}.${arch}`;
}

/** New packages, and the ones that they replaced. A mere removal is not reported. */
export function changesBetween(before: readonly Installed[], after: readonly Installed[]): readonly PackageChange[] {
  const [had, has] = [new Set(before.map(specOf)), new Set(after.map(specOf))];
  const gone = before.filter((one) => !has.has(specOf(one)));
  return after
    .filter((one) => !had.has(specOf(one)))
    .map(({ name, arch, version: to }) => {
      const from = gone.findLast((one) => one.name === name && one.arch === arch)?.version;
      return { name, to, ...(from === undefined ? {} : { from }) };
    })
    .toSorted((one, other) => (one.name < other.name ? -1 : Number(one.name > other.name)));
}
