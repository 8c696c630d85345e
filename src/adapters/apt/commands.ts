import { programs } from "../../domain/settings/paths.ts";
import type { Upgrade } from "../../ports/package-manager.ts";

type Argv = readonly [string, ...string[]];

const { aptGet, aptCache, dpkg, dpkgQuery, needrestart } = programs;

/** Seconds that apt itself waits for dpkg's lock, after it was free once. */
const lockSeconds = 60;

const everywhere = ["-q", "-o", "Dpkg::Use-Pty=0"];

const changing = [
  ...everywhere,
  "--yes",
  // Keep the default answer if there is one; else the operator's own file.
  ...["-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold"],
  ...["-o", `DPkg::Lock::Timeout=${lockSeconds}`],
  ...["-o", "APT::Get::Remove=false", "-o", "APT::Get::AutomaticRemove=false"],
  // Downloaded packages are removed once they are installed.
  ...["-o", "APT::Keep-Downloaded-Packages=false"],
  ...["-o", "Acquire::Retries=3"],
];

export const commands = {
  /** Without Error-Mode a source that cannot be reached is a warning, and exit 0; older apt ignores it. */
  refresh: [
    aptGet,
    ...everywhere,
    ...["-o", "APT::Update::Error-Mode=any", "-o", "Acquire::Retries=1"],
    // A silent host costs this once: apt does not retry it in the same update.
    ...["-o", "Acquire::http::Timeout=10", "-o", "Acquire::https::Timeout=10"],
    "update",
  ] as Argv,

  configure: [dpkg, "--force-confdef", "--force-confold", "--configure", "--pending"] as Argv,

  /** For packages that were torn while they were unpacked; `--fix-broken` fetches them and leaves them so. */
  reinstall: (names: readonly string[]): Argv => [aptGet, ...changing, "--reinstall", "install", "--", ...names],

  fix: [aptGet, ...changing, "--fix-broken", "install"] as Argv,

  upgradeAll(preferences: readonly string[]): Argv {
    return [aptGet, ...changing, ...preferences, "--with-new-pkgs", "upgrade"];
  },

  /** Each in exactly the planned version; apt adds what they need. */
  upgradeThese(upgrades: readonly Upgrade[], preferences: readonly string[]): Argv {
    const names = upgrades.map(({ name, to }) => `${name}=${to}`);
    return [aptGet, ...changing, ...preferences, "--only-upgrade", "install", "--", ...names];
  },

  simulate(preferences: readonly string[]): Argv {
    const free = ["--simulate", "-o", "Debug::NoLocking=1"];
    return [aptGet, ...everywhere, ...free, ...preferences, "--with-new-pkgs", "upgrade"];
  },

  /** Lists services only; without a terminal and with `-b` it restarts nothing. */
  needrestart: [needrestart, "-b", "-l", "-r", "l"] as Argv,

  policy(names: readonly string[]): Argv {
    return [aptCache, "policy", "--", ...names];
  },

  states(format: string, ...patterns: readonly string[]): Argv {
    return [dpkgQuery, "--show", `--showformat=${format}`, ...patterns];
  },
};
