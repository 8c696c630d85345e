// The index and patch stages against a real dnf 4, rpm and systemd: what goes wrong.
import { expect, test } from "vitest";
import { createLab } from "../lab/lab.ts";
import { repositoryVersions, rpmRepository } from "../lab/prepare/rpm-packages.ts";
import { agentCommand, begun, bootWithDnf as prepare, stage, versions } from "./patch/dnf.ts";

test("a package whose script fails is named, and the rest is there", async () => {
  await using lab = await createLab();
  const instance = await prepare(lab, "bookworm");
  await instance.exec("touch /srv/broken");
  const said = await stage(instance, "run1", "patch", "all");
  expect(said.error).toMatchObject({
    code: "package-script-failed",
    message: "dnf upgrade failed: %prein(muster-lab-broken-1.1-1.noarch) scriptlet failed, exit status 3",
  });
  expect(await versions(instance)).toMatchObject({ app: "1.1", broken: "1.0" });
  await instance.exec("rm /srv/broken");
  const second = await stage(instance, "run2", "patch", "all");
  expect(second.result?.value.upgraded).toEqual([{ name: "muster-lab-broken", from: "1.0-1", to: "1.1-1" }]);
});

test("another dnf is waited for, and named", async () => {
  await using lab = await createLab();
  const instance = await prepare(lab, "bookworm");
  await instance.exec(
    "echo 4 > /srv/slow; systemd-run --quiet --collect --unit=other dnf --assumeyes upgrade muster-lab-slow",
  );
  await begun(instance);
  const said = await stage(instance, "run1", "patch", "security");
  expect(said.error).toBe(undefined);
  const waits = said.lines.map(({ waiting = "" }) => waiting);
  expect(waits).toContainEqual(
    expect.stringMatching(/^waiting for process \d+ \(dnf\), which holds \/var\/lib\/dnf\/rpmdb_lock\.pid, /),
  );
  expect(await versions(instance)).toMatchObject({ app: "1.1", slow: "1.1" });
});

test("an agent that is killed in mid-upgrade finds the transaction again, and dnf never notices", async () => {
  await using lab = await createLab();
  const instance = await prepare(lab, "bookworm");
  await instance.exec("echo 6 > /srv/slow");
  const command = await agentCommand("run1", "patch", "all");
  await instance.exec(["systemd-run", "--quiet", "--collect", "--unit=agent", ...command]);
  await begun(instance);
  await instance.exec(["systemctl", "kill", "--signal=KILL", "agent"]);
  const second = await stage(instance, "run1", "patch", "all");
  expect(second.error).toBe(undefined);
  expect((await instance.exec("wc -l < /var/lib/slow/started; cat /var/lib/slow/done")).stdout).toBe("1\n1.1\n");
  expect(second.result?.value.upgraded).toContainEqual({ name: "muster-lab-slow", from: "1.0-1", to: "1.1-1" });
  expect(second.result?.outcome).toBe("changed");
});

test("a transaction that was killed is completed", async () => {
  await using lab = await createLab();
  const instance = await prepare(lab, "bookworm");
  await instance.exec("echo 60 > /srv/slow");
  await instance.exec([
    "systemd-run",
    "--quiet",
    "--collect",
    "--unit=agent",
    ...(await agentCommand("run1", "patch", "all")),
  ]);
  await begun(instance);
  await instance.exec("systemctl kill --signal=KILL agent muster-run1-patch-upgrade; echo 0 > /srv/slow");
  await instance.waitFor(
    async () => (await instance.exec("systemctl is-active muster-run1-patch-upgrade", { check: false })).code !== 0,
    {
      what: "dnf is dead",
    },
  );
  expect((await instance.exec("rpm --query muster-lab-slow")).stdout).toBe(
    "muster-lab-slow-1.0-1.noarch\nmuster-lab-slow-1.1-1.noarch\n",
  );
  const said = await stage(instance, "run1", "patch", "all");
  expect(said.error).toBe(undefined);
  expect(said.lines).toContainEqual({
    progress: expect.stringMatching(/^completing an interrupted package transaction: .*muster-lab-slow/) as string,
  });
  expect((await instance.exec("rpm --query --all 'muster-lab-*' | wc -l; cat /var/lib/slow/done")).stdout).toBe(
    "12\n1.1\n",
  );
  // What the killed transaction had done counts for the run, from the version that was there before it.
  expect(said.result?.value.upgraded).toContainEqual({ name: "muster-lab-slow", from: "1.0-1", to: "1.1-1" });
  expect(said.result?.value.upgraded).toContainEqual({ name: "muster-lab-app", from: "1.0-1", to: "1.1-1" });
});

test("without its repository an instance says so and goes on", async () => {
  await using lab = await createLab();
  const instance = await prepare(lab, "bookworm");
  await stage(instance, "run1", "index");
  await instance.exec("sed -i 's#^baseurl=.*#baseurl=http://127.0.0.1:9/#' /etc/yum.repos.d/muster-lab.repo");
  expect((await stage(instance, "run2", "index")).result).toMatchObject({
    value: { refreshed: false },
    summary: expect.stringMatching(
      /^the package index was not refreshed: dnf makecache could not download everything: Curl error \(7\)/,
    ) as string,
  });
});

test("packages that have to be signed, and are not", async () => {
  await using lab = await createLab();
  const instance = await prepare(lab, "bookworm");
  await instance.exec("sed -i 's#^gpgcheck=.*#gpgcheck=1#' /etc/yum.repos.d/muster-lab.repo");
  const said = await stage(instance, "run1", "patch", "security");
  expect(said.result?.value).toMatchObject({ upgraded: [], trouble: [{ code: "package-source-untrusted" }] });
  expect(await versions(instance)).toMatchObject({ app: "1.0" });
});

test("a package that went from the repository is looked up again", async () => {
  await using lab = await createLab();
  const instance = await prepare(lab, "bookworm");
  await stage(instance, "run1", "index");
  const at = `${rpmRepository}/${repositoryVersions.current}`;
  // createrepo_c renames directories, which an overlay allows for its own only.
  await instance.exec(`cp -a ${at} /srv/new && rm -r ${at} && cp -a /srv/new ${at} && rm ${at}/muster-lab-core-1.1*`);
  await instance.exec(`createrepo_c --quiet --update --keep-all-metadata ${at}`);
  const said = await stage(instance, "run1", "patch", "security");
  expect(said.lines).toContainEqual({ progress: "reading the package index again" });
  expect(await versions(instance)).toMatchObject({ app: "1.1", core: "1.0" });
});
