import type { Upgrade } from "../../ports/package-manager.ts";

/** The result of `apt-get --simulate upgrade`. */
export type Simulation = {
  readonly upgrades: readonly Upgrade[];
  readonly keptBack: readonly string[];
};

// Inst perl-base [5.36.0-7] (5.36.0-7+deb12u4 Debian:12.15/oldstable, Debian-Security:12/oldstable-security [amd64]) []
// Inst linux-image-6.1.0-40-amd64 (6.1.153-1 Debian-Security:12/oldstable-security [amd64])
const instLine = /^Inst (\S+) (?:\[([^\]]*)\] )?\((\S+) (.*) \[[^[\]]*\]\)/;

/** The packages of a simulated upgrade. A package is security when any archive that offers this version is. */
export function parseSimulation(output: string): Simulation {
  const lines = output.split("\n");
  return { upgrades: lines.flatMap(upgradeOf), keptBack: keptBackIn(lines) };
}

function upgradeOf(line: string): readonly Upgrade[] {
  const [, name = "", from, to = "", origins = ""] = instLine.exec(line) ?? [];
  if (name === "") return [];
  const security = origins.split(", ").some(isSecurityOrigin);
  return [{ name, to, security, ...(from === undefined || from === "" ? {} : { from }) }];
}

/**
 * @param origin `Label:Version/Suite` as apt prints it. Debian labels its security archive; Ubuntu's, and that of its
 * paid support (`UbuntuESM:22.04/jammy-infra-security`), is known by the suite.
 */
function isSecurityOrigin(origin: string): boolean {
  return origin.startsWith("Debian-Security:") || isSecuritySuite(origin.slice(origin.indexOf("/") + 1));
}

function isSecuritySuite(suite: string): boolean {
  return suite.endsWith("-security");
}

/** The indented block under the heading; the word "deferred" is Ubuntu's for updates that are phased in. */
function keptBackIn(lines: readonly string[]): readonly string[] {
  const names: string[] = [];
  let inBlock = false;
  for (const line of lines) {
    if (line.startsWith("  ")) {
      if (inBlock) names.push(...line.trim().split(/\s+/));
      continue;
    }
    inBlock = /kept back:$|deferred due to phasing:$/.test(line);
  }
  return names;
}

/**
 * The packages with a newer version in a security archive than the installed one, from `apt-cache policy`: a later
 * version of another archive hides it from the simulation. The versions above the installed one (`***`) are the newer
 * ones.
 */
export function parsePolicy(output: string): ReadonlySet<string> {
  const found = new Set<string>();
  let name = "";
  let newer = false;
  for (const line of output.split("\n")) {
    const heading = /^(\S+):$/.exec(line);
    if (heading !== null) {
      name = heading[1] ?? "";
      newer = false;
    } else if (/^ {2}Version table:/.test(line)) newer = true;
    else if (line.startsWith(" *** ")) newer = false;
    else if (newer && isSecuritySource(line)) found.add(name);
  }
  return found;
}

/** `        500 http://deb.debian.org/debian-security bookworm-security/main amd64 Packages` */
function isSecuritySource(line: string): boolean {
  const suite = /^ {6,}-?\d+ \S+ ([^/\s]+)\//.exec(line)?.[1];
  return suite !== undefined && isSecuritySuite(suite);
}
