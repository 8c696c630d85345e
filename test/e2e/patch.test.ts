// The index and patch stages against a real apt, dpkg and systemd.
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Instance } from "../lab/instance.ts";
import { run } from "../lab/run.ts";
import { createLab, type Lab } from "../lab/lab.ts";
import { suites } from "../lab/prepare/image.ts";
import type { Suite } from "../lab/prepare/image.ts";
import { conffilePath, labPackages } from "../lab/services/apt-packages.ts";
import { deadSource } from "../lab/services/apt-repository.ts";
import { startServices, type Services } from "../lab/services/services.ts";
import { bootWithRepository, inside, runtimeCommand } from "./inside.ts";
import { patchStageIn as stage } from "./patch/said.ts";

test.for(suites)("security first, then all, on %s", async (suite) => {
  await using lab = await createLab();
  const { instance, services } = await prepare(lab, suite);
  expect((await stage(instance, "run1", "index")).result).toMatchObject({ value: { refreshed: true } });

  const plan = await stage(instance, "run1", "plan", "security");
  expect(plan.result).toMatchObject([
    {
      text: "install 2 security upgrades",
      details: ["muster-lab-app 1.0 -> 1.1 (security)", "muster-lab-conf 1.0 -> 1.1 (security)"],
    },
  ]);
  expect(await versions(instance)).toMatchObject({ "muster-lab-app": "1.0" });

  const security = await stage(instance, "run1", "patch", "security");
  expect(security.result).toMatchObject({
    outcome: "changed",
    value: {
      upgraded: [
        { name: "muster-lab-app", from: "1.0", to: "1.1" },
        { name: "muster-lab-conf", from: "1.0", to: "1.1" },
      ],
      reboot: { required: false },
    },
  });
  expect(security.lines).toContainEqual({ progress: "setting up muster-lab-app 1.1" });
  expect(await versions(instance)).toMatchObject({ "muster-lab-app": "1.1", "muster-lab-tool": "1.0" });
  expect(await instance.readFile(conffilePath)).toBe("setting = from-the-operator\n");
  expect((await stage(instance, "run2", "patch", "security")).result).toMatchObject({
    outcome: "unchanged",
    value: { upgraded: [], pending: 3 },
  });

  await services.apt.publish(labPackages.restart("1.1"), "main");
  await stage(instance, "run3", "index");
  const all = await stage(instance, "run3", "patch", "all");
  expect(all.result?.value).toEqual({
    scope: "all",
    upgraded: expect.arrayContaining([
      { name: "muster-lab-grow", from: "1.0", to: "1.1" },
      { name: "muster-lab-grow-data", to: "1.0" },
      { name: "muster-lab-restart", from: "1.0", to: "1.1" },
      { name: "muster-lab-tool", from: "1.0", to: "1.1" },
    ]) as unknown,
    at: expect.any(String) as unknown,
    pending: 0,
    restarted: [],
    trouble: [],
    reboot: { required: true, reasons: ["muster-lab-restart asks for a reboot"] },
  });
});

test("a later ordinary version does not hide a security update", async () => {
  await using lab = await createLab();
  const { instance, services } = await prepare(lab, "bookworm");
  await services.apt.publish(labPackages.app("1.2"), "main");
  await stage(instance, "run1", "index");
  await stage(instance, "run1", "patch", "security");
  expect(await versions(instance)).toMatchObject({ "muster-lab-app": "1.2", "muster-lab-tool": "1.0" });
});

test("what a role excludes stays, and so does what would need it", async () => {
  await using lab = await createLab();
  const { instance } = await prepare(lab, "bookworm");
  await stage(instance, "run1", "index");
  await instance.writeFile("/etc/apt/preferences", "Package: muster-lab-app\nPin: release *\nPin-Priority: 1001\n");
  const security = await stage(instance, "run1", "patch", "security", "exclude=muster-lab-a*");
  expect(security.result).toMatchObject({
    summary: "1 package changed, 4 other upgrades known (1 excluded)",
    value: { upgraded: [{ name: "muster-lab-conf", from: "1.0", to: "1.1" }] },
  });
  const all = await stage(instance, "run2", "patch", "all", "exclude=muster-lab-app,muster-lab-grow-data");
  expect(all.result?.value).toMatchObject({ upgraded: [{ name: "muster-lab-tool" }], pending: 3 });
  expect(all.lines).toContainEqual({
    warning: expect.stringMatching(/^packages-kept-back: .*: muster-lab-grow$/) as string,
  });
  expect(await versions(instance)).toMatchObject({ "muster-lab-app": "1.0", "muster-lab-grow": "1.0" });
  // Nothing is left behind that would keep an administrator's own apt from it.
  await instance.exec("apt-get --yes --only-upgrade install muster-lab-app");
  expect(await versions(instance)).toMatchObject({ "muster-lab-app": "1.1" });
});

test("locks of others are waited for, and their holders named", async () => {
  await using lab = await createLab();
  const { instance } = await prepare(lab, "bookworm");
  for (const [file, what] of [
    ["/var/lib/apt/lists/lock", ["index"]],
    ["/var/lib/dpkg/lock-frontend", ["patch", "security"]],
  ] as const) {
    const hold = `use Fcntl; open F, '>', '${file}'; my $lock = pack('ssx4qqlx4', F_WRLCK, 0, 0, 0, 0); fcntl(F, F_SETLK, $lock) or die $!; sleep 3`;
    await instance.exec(["systemd-run", "--quiet", "--collect", "--unit=holder", "perl", "-e", hold]);
    await instance.waitFor(async () => (await instance.exec("cat /proc/locks")).stdout.includes("POSIX"), {
      what: "the lock is held",
    });
    const said = await stage(instance, "run1", ...what);
    expect(said.error).toBe(undefined);
    const waits = said.lines.map(({ waiting = "" }) => waiting);
    expect(waits).toContainEqual(
      expect.stringMatching(new RegExp(`^waiting for process \\d+ \\(perl\\), which holds ${file}, `)),
    );
  }
  expect(await versions(instance)).toMatchObject({ "muster-lab-app": "1.1" });
});

test("a package that cannot be configured is named; the next run completes the rest", async () => {
  await using lab = await createLab();
  const { instance, services } = await prepare(lab, "bookworm");
  await services.apt.publish(labPackages.broken("1.1"), "security");
  await stage(instance, "run1", "index");
  const first = await stage(instance, "run1", "patch", "security");
  expect(first.error).toMatchObject({
    code: "package-script-failed",
    message: expect.stringMatching(
      /failed at muster-lab-broken.*, in its postinst: muster-lab-broken cannot be configured \(installed muster-lab-broken package post-installation script subprocess returned error exit status 1\)/,
    ) as string,
  });
  const second = await stage(instance, "run2", "patch", "security");
  expect(second.error).toMatchObject({ code: "package-script-failed" });

  await services.apt.publish({ ...labPackages.broken("1.0"), version: "1.2" }, "security");
  await instance.exec(["sed", "-i", "s/exit 1/exit 0/", "/var/lib/dpkg/info/muster-lab-broken.postinst"]);
  await stage(instance, "run3", "index");
  const third = await stage(instance, "run3", "patch", "security");
  expect(third.lines).toContainEqual({ progress: "completing an interrupted package transaction: muster-lab-broken" });
  expect(third.result?.value.upgraded).toContainEqual({ name: "muster-lab-broken", from: "1.1", to: "1.2" });
});

test("an agent that is killed in mid-upgrade finds the transaction again, and dpkg never notices", async () => {
  await using lab = await createLab();
  const { instance, services } = await prepare(lab, "bookworm");
  await services.apt.publish(labPackages.slow("1.1", { seconds: 6 }), "security");
  await stage(instance, "run1", "index");
  const command = await runtimeCommand("node", `${inside}/test/e2e/patch/agent.ts`, "run1", "patch", "security");
  await instance.exec(["systemd-run", "--quiet", "--collect", "--unit=agent", ...command]);
  await instance.waitFor(async () => (await instance.exec("cat /var/lib/muster-lab-slow/started")).stdout, {
    what: "the slow script has begun",
  });
  await instance.exec(["systemctl", "kill", "--signal=KILL", "agent"]);
  const second = await stage(instance, "run1", "patch", "security");
  expect(second.error).toBe(undefined);
  expect(
    (await instance.exec("wc -l < /var/lib/muster-lab-slow/started; cat /var/lib/muster-lab-slow/done")).stdout,
  ).toBe("1\n1.1\n");
  // What the first agent began counts for the run.
  expect(second.result?.value.upgraded).toContainEqual({ name: "muster-lab-slow", from: "1.0", to: "1.1" });
  expect(second.result?.outcome).toBe("changed");
});

test("versions that the archive took away are looked up again", async () => {
  await using lab = await createLab();
  const { instance, services } = await prepare(lab, "bookworm");
  await stage(instance, "run1", "index");
  await run(["find", join(lab.directory, "apt"), "-name", "muster-lab-app_1.1_all.deb", "-delete"]);
  await services.apt.publish(labPackages.app("1.3"), "security");
  const said = await stage(instance, "run1", "patch", "security");
  expect(said.lines).toContainEqual({ progress: "reading the package index again" });
  expect(await versions(instance)).toMatchObject({ "muster-lab-app": "1.3" });
});

test("lists that a power cut left empty are read again", async () => {
  await using lab = await createLab();
  const { instance } = await prepare(lab, "bookworm");
  await stage(instance, "run1", "index");
  await instance.exec("truncate --size=0 /var/lib/apt/lists/*_Packages");
  expect((await stage(instance, "run1", "plan", "security")).result).toEqual([]);
  await stage(instance, "run2", "index");
  expect((await stage(instance, "run2", "plan", "security")).result).toHaveLength(1);
});

test("each source has its verdict, a dead one is waited for once, and a broken list stops nothing", async () => {
  await using lab = await createLab();
  const { instance, services } = await prepare(lab, "bookworm");
  await stage(instance, "run1", "index");
  const dead = deadSource(lab.address(99));
  await instance.writeFile("/etc/apt/sources.list.d/third-party.list", dead.line);
  await instance.exec(dead.command);
  await services.apt.relabel("main", "Renamed");
  const begun = performance.now();
  const index = await stage(instance, "run2", "index");
  expect(performance.now() - begun).toBeLessThan(25_000);
  expect(index.result).toMatchObject({ value: { refreshed: true }, facts: { refreshed: true } });
  const { failed = [] } = (index.result?.value ?? {}) as { readonly failed?: readonly Record<string, string>[] };
  expect(failed).toHaveLength(2);
  expect(failed).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ source: `${lab.address(99)} stable`, code: "package-timeout" }),
      expect.objectContaining({ source: `${services.apt.address} bookworm`, code: "package-source-changed" }),
    ]),
  );
  expect(failed.map(({ hint }) => hint)).toEqual(
    expect.arrayContaining([
      expect.stringContaining("(it stands in /etc/apt/sources.list.d/third-party.list)"),
      expect.stringContaining("apt-get update --allow-releaseinfo-change-label"),
    ]),
  );
  // The sources that were read have their updates installed.
  const patched = await stage(instance, "run2", "patch", "security");
  expect(patched.result?.value.upgraded).toContainEqual({ name: "muster-lab-app", from: "1.0", to: "1.1" });

  const conflict = `deb [signed-by=/etc/hosts] http://${services.apt.address}/debian bookworm main\n`;
  await instance.writeFile("/etc/apt/sources.list.d/twice.list", conflict);
  const broken = await stage(instance, "run3", "patch", "security");
  expect(broken.error).toBe(undefined);
  expect(broken.result?.value).toMatchObject({ upgraded: [], trouble: [{ code: "package-sources-invalid" }] });
  expect(broken.lines).toContainEqual({
    warning: expect.stringMatching(
      /^package-sources-invalid: Packages are not .*Conflicting values set for option Signed-By regarding source/,
    ) as string,
  });
});

test("without its repository an instance says so and goes on", async () => {
  await using lab = await createLab();
  const { instance, services } = await prepare(lab, "bookworm");
  await services.apt.stop();
  expect((await stage(instance, "run1", "index")).result).toMatchObject({
    value: { refreshed: false },
    summary: expect.stringMatching(/^the package index was not refreshed: .*Connection refused/) as string,
  });
  const said = await stage(instance, "run1", "patch", "security", "unrefreshed");
  expect(said.lines).toContainEqual({
    warning: expect.stringMatching(/^package-index-stale: .*Connection refused/) as string,
  });
  expect(said.result).toMatchObject({ outcome: "unchanged" });

  await services.apt.start();
  const later = await stage(instance, "run2", "patch", "security", "unrefreshed");
  expect(later.result?.value.upgraded).toContainEqual({ name: "muster-lab-app", from: "1.0", to: "1.1" });
});

async function prepare(lab: Lab, suite: Suite): Promise<{ instance: Instance; services: Services }> {
  const services = await startServices(lab, { suite });
  return { instance: await bootWithRepository(lab, { suite, files: services.files }), services };
}

async function versions(instance: Instance): Promise<Record<string, string>> {
  const { stdout } = await instance.exec([
    "dpkg-query",
    "--show",
    "--showformat=${Package} ${Version}\\n",
    "muster-lab-*",
  ]);
  return Object.fromEntries(
    stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split(" ") as [string, string]),
  );
}
