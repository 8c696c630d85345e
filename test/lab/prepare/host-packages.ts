// What the lab needs on the machine that runs it.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, rmSync, writeFileSync } from "node:fs";

import { cacheDirectory } from "./tree.ts";
import { lock } from "./lock.ts";

const needed = [
  "mmdebstrap debian-archive-keyring systemd-container iproute2 util-linux e2fsprogs perl-base",
  "haproxy bind9 bind9-dnsutils git openssh-server openssh-client openssl",
  "gpg gpg-agent gpgv ca-certificates curl xz-utils prometheus",
].flatMap((line) => line.split(" "));

const policy = "/usr/sbin/policy-rc.d";

/** Installs the packages that are missing; none of their services is started, now or at the next boot. */
export function installHostPackages(say: (line: string) => void): void {
  if (missingPackages().length === 0) return;
  const installing = lock(`${cacheDirectory}/packages.lock`, "exclusive", 600, () =>
    say("another process installs packages, waiting for it"),
  );
  try {
    const missing = missingPackages();
    if (missing.length > 0) install(missing, say);
  } finally {
    installing.release();
  }
}

function missingPackages(): string[] {
  const format = "${Package} ${db:Status-Status}\\n";
  const { stdout } = spawnSync("dpkg-query", ["-W", `-f=${format}`, ...needed], { encoding: "utf8" });
  const installed = new Set(
    stdout
      .split("\n")
      .filter((line) => line.endsWith(" installed"))
      .map(firstWord),
  );
  return needed.filter((name) => !installed.has(name));
}

function firstWord(line: string): string {
  return line.split(" ")[0] ?? "";
}

function install(missing: string[], say: (line: string) => void): void {
  say(`installing ${missing.join(" ")}`);
  // Debian starts a service as soon as it is installed, unless this file says no. A machine that
  // has one of its own keeps it.
  const ours = !existsSync(policy);
  if (ours) {
    writeFileSync(policy, "#!/bin/sh\nexit 101\n");
    chmodSync(policy, 0o755);
  }
  try {
    apt("update");
    apt("install", "--yes", "--no-install-recommends", ...missing);
  } finally {
    if (ours) rmSync(policy, { force: true });
    disableServices(missing);
  }
}

/** Else the machine's next boot would start them: Debian enables what it installs. */
function disableServices(packageNames: string[]): void {
  const { stdout } = spawnSync("dpkg-query", ["--listfiles", ...packageNames], { encoding: "utf8" });
  const unit = /^(?:\/usr)?\/lib\/systemd\/system\/([^/@]+\.(?:service|socket|timer))$/gm;
  const units = [...stdout.matchAll(unit)].flatMap(([, name]) => name ?? []);
  if (units.length > 0) spawnSync("systemctl", ["disable", "--quiet", ...units], { stdio: "ignore", timeout: 60_000 });
}

function apt(...args: string[]): void {
  const { status, stderr, stdout } = spawnSync("apt-get", ["-q", "-o", "DPkg::Lock::Timeout=300", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    timeout: 600_000,
  });
  if (status !== 0) throw new Error(`apt-get ${args.join(" ")} failed:\n${stdout}${stderr}`);
}
