// A machine full of secrets, held by a failing resource: what is told of it, and what is sent with a bug report.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";

import type { Manifest } from "../../../../src/views/bundle/manifest.ts";
import type { Instance } from "../../../lab/instance.ts";
import { instancePaths } from "../../../lab/services/services.ts";
import { muster, status, waitForState } from "../../harness/muster.ts";
import { createWorld } from "../../harness/world.ts";

const password = "Canary-Of-Git%2F9";
const credentials = "/etc/muster/git-credentials";
const textfile = "/var/lib/metrics/muster.prom";

/** The checks that the second commit adds: they fail, and tell what they should not. */
const checks = `
        - { command: "echo CanaryOfTheOutput9; exit 3 # -u admin:CanaryOfTheExec9 https://canary.example/CanaryOfTheUrl9" }
        - { http: { url: "http://127.0.0.1/CanaryOfTheUrl9?token=CanaryOfTheExec9", status: 418 } }`;

/** Where others than root read what became of a run. */
const outside = [
  "cat /var/lib/muster/instance-tags.json",
  "curl --silent --fail --unix-socket /run/muster/control.sock http://muster/v1/status",
  "curl --silent --fail --unix-socket /run/muster/control.sock http://muster/metrics",
  "curl --silent --fail http://127.0.0.1:9180/metrics",
  `cat ${textfile}`,
  "journalctl --no-pager -o cat -u muster",
  "systemctl show --property=StatusText muster",
];

async function toldOutside(web: Instance): Promise<string> {
  const told = await Promise.all(outside.map(async (command) => (await web.exec(command)).stdout));
  for (const [at, text] of told.entries()) {
    expect(text, outside[at]).not.toBe("");
    expect(text, outside[at]).not.toMatch(/CanaryOf|canary\.example\//);
  }
  return told.join("\n");
}

test("the log shows the engine's error at its place, and the bundle has everything but the secrets", async () => {
  await using world = await createWorld(import.meta.dirname);
  const { git, dns } = world.services;
  git.requireToken(decodeURIComponent(password));
  const url = git.url("https", "ops/config");
  const web = await world.boot({
    settings: {
      metrics: { listen: "127.0.0.1:9180", textfile },
      config: { url, https: { ca: instancePaths.gitCa, credentials }, deadline: "20s" },
    },
    files: { [credentials]: { content: `${url.replace("//", `//ci:${password}@`)}\n`, mode: 0o600 } },
  });
  const held = await waitForState(web, "held");

  const told = (await muster(web, "logs 1")).stdout;
  const error = told.search(/^ +\| Error: .*\/srv\/missing\/file/m);
  expect(error, told).toBeGreaterThan(told.search(/^\d\d:\d\d:\d\d {2}converge {2}puppet apply manifests\/site.pp$/m));
  expect(told.search(/^\d\d:\d\d:\d\d {2}converge {2}puppet apply: exit [46] /m), told).toBeGreaterThan(error);
  expect(told.search(/^\d\d:\d\d:\d\d {2}converge {2}failed: /m), told).toBeGreaterThan(error);
  expect(told).toMatch(/^\d\d:\d\d:\d\d {2}index {5}apt-get update: exit 0 /m);
  const index = (await muster(web, "logs 1 --stage index --json")).stdout;
  expect(
    new Set(
      index
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as { stage: string }).stage),
    ),
  ).toEqual(new Set(["index"]));
  const runs = (await muster(web, "runs")).stdout;
  expect(runs).toMatch(/^0001-[0-9a-f]{4} {2}\d\d:\d\d:\d\d {2}held at converge .* first-boot: config$/m);

  const tsig = /secret "([^"]+)"/.exec(await readFile(dns.keyFile, "utf8"))?.[1] ?? "no key found";
  const ofCode = ["CanaryOfPuppet9", "CanaryOfTheToken9", "CanaryOfTheExec9"];
  const canaries = [password, decodeURIComponent(password), tsig, ...ofCode];
  const printed = (await web.exec("cat /var/log/muster/units/*")).stdout;
  for (const canary of [password, tsig, "CanaryOfPuppet9", "CanaryOfTheToken9"]) expect(printed).toContain(canary);

  const said = await muster(web, "bundle --output /root/bundle.tar.gz");
  expect(said, said.stderr).toMatchObject({ code: 0 });
  expect(said.stdout).toMatch(/^\/root\/bundle.tar.gz: \d+ files, .* (KiB|MiB)/);
  expect(
    (await web.exec("stat --format=%a:%U /root/bundle.tar.gz; ls -A /root | grep tmp", { check: false })).stdout,
  ).toBe("600:root\n");
  await web.exec("mkdir /root/unpacked && tar xzf /root/bundle.tar.gz --strip-components=1 -C /root/unpacked");
  const manifest = JSON.parse(await web.readFile("/root/unpacked/manifest.json")) as Manifest;
  const whole = (await web.exec("tar xOzf /root/bundle.tar.gz")).stdout;
  for (const canary of canaries) expect(whole).not.toContain(canary);
  for (const { name, sha256 } of manifest.files) {
    expect((await web.exec(["sha256sum", `/root/unpacked/${name}`])).stdout, name).toContain(sha256);
  }
  // What is left is of use.
  const names = manifest.files.map(({ name }) => name);
  const run = held.run?.id ?? "no run";
  expect(names).toEqual(
    expect.arrayContaining(["status.json", "explain.json", "settings/muster.yaml", "state/membership.json"]),
  );
  const log = await web.readFile(`/root/unpacked/runs/${run}/muster-${run}-converge-1.log`);
  expect(log).toContain("/srv/missing/file");
  expect(log).toContain("db_password=[masked value ");
  expect(await web.readFile("/root/unpacked/settings/muster.yaml")).toContain(`credentials: ${credentials}`);
  expect(await web.readFile("/root/unpacked/systemd/journal.txt")).toContain("begins: boot, first-boot");
  const unread = manifest.missing.filter(({ name }) => !/muster\.log\.1|packages-rpm/.test(name));
  expect(unread, "what could not be read").toEqual([]);

  // Outside root's circle: which resource and which check failed, not what they ran, asked or printed.
  expect(await toldOutside(web)).toMatch(/held at converge: converge-resources-failed: .*Exec\[sh …\]/);
  const roles = await readFile(join(import.meta.dirname, "../../harness/repo/muster.yaml"), "utf8");
  const files = {
    "manifests/site.pp": "include page\n",
    "muster.yaml": roles.replace("deadline: 20s", "deadline: 3s").replace("smoke:", `smoke:${checks}`),
  };
  await world.repo.commitFiles(files, "converges, and does not pass");
  await web.waitFor(async () => (await status(web)).error?.code === "health-failed", {
    what: "held at health",
    timeout: 180_000,
  });
  expect(await toldOutside(web)).toContain(
    "held at health: health-failed: smoke check command echo, smoke check http 127.0.0.1",
  );
  // Root is told what was seen, without the passwords.
  const explained = (await muster(web, "explain")).stdout;
  expect(explained).toContain("CanaryOfTheOutput9");
  expect(explained).not.toContain("CanaryOfTheExec9");

  // A full disk.
  await web.exec("mkdir /mnt/full && mount -t tmpfs -o size=8k tmpfs /mnt/full");
  const full = await muster(web, "bundle --output /mnt/full/bundle.tar.gz");
  expect([full.code, full.stderr]).toEqual([1, expect.stringContaining("(output-failed)") as string]);
  expect((await web.exec("ls -A /mnt/full")).stdout).toBe("");
});
