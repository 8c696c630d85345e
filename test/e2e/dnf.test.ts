// The index and patch stages against a real dnf 4, rpm and systemd.
import { expect, test } from "vitest";
import type { Instance } from "../lab/instance.ts";
import { createLab } from "../lab/lab.ts";
import { suites } from "../lab/prepare/image.ts";
import { repositoryVersions, rpmConfigFile } from "../lab/prepare/rpm-packages.ts";
import { bootWithDnf as prepare, stage, versions } from "./patch/dnf.ts";

const { current, old } = repositoryVersions;
/** Fails for ever, so it stays out where it is not meant. */
const stuck = "muster-lab-stuck";

test.for(suites)("security first, then all, on %s", async (suite) => {
  await using lab = await createLab();
  const instance = await prepare(lab, suite);
  expect((await stage(instance, "run1", "index")).result).toMatchObject({ value: { refreshed: true } });

  const plan = await stage(instance, "run1", "plan", "security");
  expect(plan.result).toMatchObject([
    {
      text: "install 3 security upgrades",
      details: [
        "muster-lab-app 1.0-1 -> 1.1-1 (security)",
        "muster-lab-conf 1.0-1 -> 1.1-1 (security)",
        "muster-lab-core 1.0-1 -> 1.1-1 (security)",
      ],
    },
  ]);
  expect(await versions(instance)).toMatchObject({ app: "1.0" });

  const security = await stage(instance, "run1", "patch", "security");
  expect(security.result).toMatchObject({
    outcome: "changed",
    value: {
      upgraded: [
        { name: "muster-lab-app", from: "1.0-1", to: "1.1-1" },
        { name: "muster-lab-conf", from: "1.0-1", to: "1.1-1" },
        { name: "muster-lab-core", from: "1.0-1", to: "1.1-1" },
      ],
      reboot: { required: true, reasons: ["muster-lab-core was upgraded since the boot"] },
    },
  });
  expect(security.lines).toContainEqual({ progress: "upgrading to muster-lab-app-1.1-1.noarch" });
  expect(await versions(instance)).toMatchObject({ app: "1.1", tool: "1.0" });
  expect(await instance.readFile(rpmConfigFile)).toBe("setting = from-the-operator\n");
  expect((await stage(instance, "run2", "patch", "security")).result).toMatchObject({
    outcome: "unchanged",
    value: { upgraded: [] },
  });

  const all = await stage(instance, "run3", "patch", "all");
  expect(all.result?.value).toMatchObject({
    upgraded: [
      { name: "muster-lab-broken", from: "1.0-1", to: "1.1-1" },
      { name: "muster-lab-grow", from: "1.0-1", to: "1.1-1" },
      { name: "muster-lab-grow-data", to: "1.0-1" },
      { name: "muster-lab-grumbling", from: "1.0-1", to: "1.1-1" },
      { name: "muster-lab-server", from: "1.0-1", to: "1.1-1" },
      { name: "muster-lab-slow", from: "1.0-1", to: "1.1-1" },
      { name: "muster-lab-tool", from: "1.0-1", to: "1.1-1" },
    ],
    pending: 1,
  });
  expect(all.lines).toContainEqual({
    warning: expect.stringMatching(/^packages-kept-back: .*muster-lab-stuck$/) as string,
  });
  expect(all.lines).toContainEqual({
    warning:
      "package-script-failed: Packages are in place, but scripts of theirs failed: muster-lab-grumbling-1.1-1.noarch",
  });
  expect((await stage(instance, "run4", "patch", "all")).result).toMatchObject({
    outcome: "unchanged",
    value: { pending: 1 },
  });
});

test("what a role excludes stays, and so does what would need it", async () => {
  await using lab = await createLab();
  const instance = await prepare(lab, "bookworm");
  const said = await stage(
    instance,
    "run1",
    "patch",
    "all",
    "exclude=muster-lab-a*,muster-lab-grow-data,muster-lab-s*",
  );
  expect(said.error).toBe(undefined);
  expect(await versions(instance)).toMatchObject({ app: "1.0", grow: "1.0", slow: "1.0", tool: "1.1" });
  expect(said.lines).toContainEqual({
    warning: expect.stringMatching(/^packages-kept-back: .*muster-lab-grow$/) as string,
  });
  expect(said.result?.facts["excluded"]).toEqual(
    expect.arrayContaining(["muster-lab-app", "muster-lab-grow-data", "muster-lab-slow", stuck]),
  );
});

test("a locked repository version is said, and the role's one is gone to", async () => {
  await using lab = await createLab();
  const instance = await prepare(lab, "bookworm");
  await lockLikeAmazonLinux(instance);
  await stage(instance, "run1", "index");
  const locked = await stage(instance, "run1", "patch", "security");
  expect(locked.result).toMatchObject({
    outcome: "unchanged",
    summary: `nothing to do in repository version ${old}, which is locked; ${current} is out: set patch.releasever`,
    value: { locked: { version: old, newest: current } },
  });
  expect(locked.lines).toContainEqual({ warning: expect.stringMatching(/^package-repository-locked: /) as string });

  const moved = await stage(instance, "run2", "patch", "security", `releasever=${current}`);
  expect(moved.result?.value.upgraded).toContainEqual({ name: "muster-lab-app", from: "1.0-1", to: "1.1-1" });
  expect(moved.result?.value.locked).toBe(undefined);
});

/** As Amazon Linux 2023 is: locked to the version of the image, with a plugin of dnf that knows what is out. */
async function lockLikeAmazonLinux(instance: Instance): Promise<void> {
  const plugin = [
    "import dnf.cli, dnf.plugin",
    "@dnf.plugin.register_command",
    "class Command(dnf.cli.Command):",
    "    aliases = ('check-release-update',)",
    "    @staticmethod",
    "    def set_argparser(parser):",
    "        parser.add_argument('--version-only', action='store_true')",
    "    def run(self):",
    `        print('${old}'); print('${current}')`,
  ].join("\n");
  await instance.writeFile("/usr/lib/python3/dist-packages/dnf-plugins/release_notification.py", plugin);
  await instance.exec('rm /etc/os-release; printf \'ID="amzn"\\nVERSION_ID="2023"\\n\' > /etc/os-release');
  await instance.writeFile("/etc/dnf/vars/releasever", `${old}\n`);
}
