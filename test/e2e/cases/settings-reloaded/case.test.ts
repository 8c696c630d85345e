import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";

import type { Instance } from "../../../lab/instance.ts";
import { expectNoFailures, startLoad } from "../../harness/load.ts";
import { muster, status, waitForState } from "../../harness/muster.ts";
import { puppetRuns } from "../../harness/puppet-count.ts";
import { createWorld } from "../../harness/world.ts";

const layer = "/etc/muster/conf.d/50-monitoring.yaml";

function listenOn(port: number): string {
  return `metrics: { listen: "127.0.0.1:${port}" }\n`;
}

function healthOn(instance: Instance, port: number): Promise<string> {
  const asked = `curl --silent --write-out '%{http_code}' http://127.0.0.1:${port}/healthz`;
  return instance.exec(asked, { check: false }).then(({ stdout }) => stdout);
}

async function waitForHealthOn(instance: Instance, port: number): Promise<void> {
  const answers = async () => (await healthOn(instance, port)) === "in-service\n200";
  await instance.waitFor(answers, { what: `health on port ${port}`, timeout: 60_000 });
}

async function processOf(instance: Instance): Promise<string> {
  return (await instance.exec("systemctl show --property=MainPID,ActiveState muster.service")).stdout;
}

test("settings are read again by a reload, which ends no run and no service", async () => {
  await using world = await createWorld(import.meta.dirname);
  const web = await world.boot();
  const first = await waitForState(web, "in-service");
  const daemon = await processOf(web);
  const load = startLoad(world);

  await web.writeFile(layer, listenOn(9180));
  const edited = await muster(web, "run");
  expect(edited.stdout).toContain("The settings were edited, and this run does not use that yet: metrics.listen");
  const explained = (await muster(web, "explain")).stdout;
  expect(explained).toMatch(/^! In service, but the settings on disk are not in force/);
  expect(explained).toMatch(/metrics\.listen: in force not set, on disk 127\.0\.0\.1:9180/);
  await web.exec("systemctl reload muster.service");
  expect(await healthOn(web, 9180), "in force when the reload ends").toBe("in-service\n200");
  expect((await muster(web, "explain")).stdout).toMatch(/^✔ In service/);
  expect(await processOf(web), "the same process, and active").toBe(daemon);
  const rounds = await web.exec(
    "set -e; for round in $(seq 20); do systemctl reload muster; muster pause --reason $round --for 1m; systemctl reload muster; muster run clock; muster resume; done",
    { check: false, timeout: 300_000 },
  );
  expect(rounds.code, rounds.stderr).toBe(0);
  const after = await status(web);
  expect(after).toMatchObject({ state: "in-service", since: first.since });
  expect((await web.exec("curl --silent http://127.0.0.1:9180/metrics")).stdout).toContain("muster_in_service 1\n");
  expect((await web.exec("curl --silent http://127.0.0.1:9180/v1/status")).stdout).toContain("no such route");

  await web.writeFile(layer, "metrics: { listen: 10.0.0.1:9180 }\n");
  const refused = await web.exec("systemctl reload muster.service", { check: false });
  expect(refused.code, "what is not valid fails the reload").not.toBe(0);
  await web.exec("kill -HUP $(systemctl show --property=MainPID --value muster.service)");
  const said = async () => (await status(web)).notices.some(({ code }) => code === "settings-invalid");
  await web.waitFor(said, { what: "the notice" });
  expect(await healthOn(web, 9180)).toBe("in-service\n200");
  expect(await processOf(web)).toBe(daemon);

  const page = "modules/page/manifests/init.pp";
  const manifest = await readFile(join(import.meta.dirname, "../../harness/repo", page), "utf8");
  const slow = manifest.replace("class page {", "class page {\n  exec { '/bin/sleep 8': }");
  const commit = await world.repo.commitFiles({ [page]: slow }, "slow");
  const running = muster(web, "run");
  await web.waitFor(async () => (await puppetRuns(web)).begun === 3, { what: "the third run" });
  await web.writeFile(layer, listenOn(9181));
  await web.exec("systemctl reload muster.service");
  expect((await running).code, "the run goes on").toBe(0);
  await waitForHealthOn(web, 9181);
  const last = await status(web);
  expect(last).toMatchObject({ commit, state: "in-service", since: first.since, run: { end: "in-service" } });
  expect((await puppetRuns(web)).begun).toBe(3);
  expect(await healthOn(web, 9180)).toBe("000");
  expect(await processOf(web)).toBe(daemon);
  await expectNoFailures(load);
});
