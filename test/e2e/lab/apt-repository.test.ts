import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { conffilePath, labPackages } from "../../lab/services/apt-packages.ts";
import { buildLabPackages, preinstalledFiles, prepareAptPool } from "../../lab/services/apt-pool.ts";
import { startAptRepository, type AptRepository } from "../../lab/services/apt-repository.ts";
import { type RunResult, run } from "../../lab/run.ts";

let work: string;
let image: string;
let apt: AptRepository;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "muster-apt-"));
  image = join(work, "image");
  const cacheDir = join(work, "cache");
  await buildLabPackages(cacheDir);
  await installImage(preinstalledFiles(cacheDir));
  const pool = await prepareAptPool({ rootfs: image, suite: "bookworm", cacheDir, packages: [] });
  apt = await startAptRepository({ address: "127.66.1.2", dir: join(work, "apt"), pool: pool.dir, suite: "bookworm" });
});

afterAll(async () => {
  await apt?.stop();
  await rm(work, { recursive: true, force: true });
});

let root: string;

beforeEach(async () => {
  await apt.start();
  root = await mkdtemp(join(work, "root-"));
  await cp(image, root, { recursive: true });
  await writeFile(join(root, "etc/apt/sources.list.d/lab.sources"), sourcesFor(apt.keyring));
});

test("an upgrade brings the waiting versions and keeps what needs a new package", async () => {
  await aptGet("update");
  await aptGet("upgrade", "--yes", ...keepConffiles);

  expect(await versions()).toMatchObject({
    "muster-lab-app": "1.1",
    "muster-lab-tool": "1.1",
    "muster-lab-conf": "1.1",
    "muster-lab-grow": "1.0",
  });
});

test("--with-new-pkgs upgrades what needs a new package", async () => {
  await aptGet("update");
  await aptGet("upgrade", "--yes", "--with-new-pkgs", ...keepConffiles);

  expect(await versions()).toMatchObject({ "muster-lab-grow": "1.1", "muster-lab-grow-data": "1.0" });
});

test("the conffile was changed by the package and by the operator", async () => {
  await aptGet("update");
  await aptGet("upgrade", "--yes", ...keepConffiles);

  expect(await readFile(join(root, conffilePath), "utf8")).toBe("setting = from-the-operator\n");
  expect(await readFile(join(root, `${conffilePath}.dpkg-dist`), "utf8")).toBe("setting = from-package-1.1\n");
});

test("security updates carry the labels of Debian's security archive", async () => {
  await aptGet("update");
  const policy = await tool("apt-cache", "policy");

  expect(policy.stdout).toContain("o=Debian,a=bookworm-security,n=bookworm-security,l=Debian-Security");
  expect(policy.stdout).toContain("o=Debian,a=bookworm,n=bookworm,l=Debian,");
  expect((await aptGet("upgrade", "--simulate")).stdout).toMatch(
    /Inst muster-lab-app \[1\.0\] \(1\.1 Debian-Security:bookworm-security \[all\]\)/,
  );
});

test("a version that is published during a test is seen by the next update", async () => {
  await aptGet("update");
  await apt.publish(labPackages.restart("1.1"), "security");
  await aptGet("update");
  await aptGet("upgrade", "--yes", ...keepConffiles);

  expect(await readFile(join(root, "run/reboot-required.pkgs"), "utf8")).toBe("muster-lab-restart\n");
});

test("a package whose script fails leaves dpkg half done, and the next version heals it", async () => {
  await apt.publish(labPackages.broken("1.1"), "main");
  await aptGet("update");
  await expect(aptGet("upgrade", "--yes", ...keepConffiles)).rejects.toThrow("muster-lab-broken cannot be configured");
  expect((await dpkg("--audit")).stdout).toContain("muster-lab-broken");

  await apt.publish({ ...labPackages.broken("1.2"), postinst: ":" }, "main");
  await aptGet("update");
  await aptGet("upgrade", "--yes", ...keepConffiles);
  expect((await dpkg("--audit")).stdout).toBe("");
});

test("another key than the repository's is refused", async () => {
  const stranger = "/usr/share/keyrings/debian-archive-keyring.gpg";
  await writeFile(join(root, "etc/apt/sources.list.d/lab.sources"), sourcesFor(stranger));

  await expect(aptGet("update")).rejects.toThrow("is not signed");
});

test("an archive that changed its label is refused", async () => {
  await aptGet("update");
  await apt.relabel("main", "Renamed");
  try {
    await expect(aptGet("update")).rejects.toThrow("changed its 'Label' value from 'Debian' to 'Renamed'");
  } finally {
    await apt.relabel("main", "Debian");
  }
  await aptGet("update");
});

test("the server can be slow", async () => {
  apt.slow(700);
  try {
    await expect(aptGet("update", "-o", "Acquire::http::Timeout=2")).resolves.toBeDefined();
    await expect(run(["timeout", "0.5", "curl", "--silent", `http://${apt.address}/`])).rejects.toThrow(
      "ended with 124",
    );
  } finally {
    apt.slow(0);
  }
});

test("the server can be down and can hang", async () => {
  await apt.stop();
  await expect(aptGet("update")).rejects.toThrow("Connection refused");

  await apt.blackhole();
  await expect(aptGet("update", "-o", "Acquire::http::Timeout=1")).rejects.toThrow("Connection failed");

  await apt.start();
  await aptGet("update");
});

// The last one: the old key does not come back.
test("an archive that is signed with another key is refused", async () => {
  await apt.replaceKey("security");
  await expect(aptGet("update")).rejects.toThrow(/NO_PUBKEY|Missing key/);
});

const keepConffiles = ["-o", "DPkg::Options::=--force-confdef", "-o", "DPkg::Options::=--force-confold"];

/** A directory that dpkg and apt take for a machine with the preinstalled packages, and with nothing else. */
async function installImage(packages: readonly string[]): Promise<void> {
  const directories = [
    "etc/apt/apt.conf.d",
    "etc/apt/preferences.d",
    "etc/apt/sources.list.d",
    "usr/share/keyrings",
    "var/cache/apt/archives/partial",
    "var/lib/apt/lists/partial",
    "var/lib/dpkg/info",
    "var/lib/dpkg/updates",
    "var/log/apt",
  ];
  for (const directory of directories) await mkdir(join(image, directory), { recursive: true });
  await writeFile(join(image, "var/lib/dpkg/status"), "");
  await run(["dpkg", `--root=${image}`, "--force-script-chrootless", "--install", ...packages]);
}

function sourcesFor(keyring: string): string {
  return apt.sources.replaceAll(apt.keyringInInstance, keyring);
}

function tool(command: string, ...args: string[]): Promise<RunResult> {
  const settings = [
    `Dir=${root}`,
    `Dir::State::status=${root}/var/lib/dpkg/status`,
    "Dir::Bin::methods=/usr/lib/apt/methods",
    "APT::Sandbox::User=root",
    "Acquire::Retries=0",
    "APT::Update::Error-Mode=any",
    `DPkg::Options::=--root=${root}`,
    "DPkg::Options::=--force-script-chrootless",
  ].flatMap((setting) => ["-o", setting]);
  const env = { LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" };
  return run([command, ...settings, ...args], { env });
}

function aptGet(...args: string[]): Promise<RunResult> {
  return tool("apt-get", ...args);
}

function dpkg(...args: string[]): Promise<RunResult> {
  return run(["dpkg", `--root=${root}`, ...args]);
}

async function versions(): Promise<Record<string, string>> {
  const { stdout } = await run(["dpkg-query", `--root=${root}`, "--show", "--showformat=${Package} ${Version}\n"]);
  const lines = stdout.trim().split("\n");
  return Object.fromEntries(lines.map((line) => line.split(" ", 2) as [string, string]));
}
