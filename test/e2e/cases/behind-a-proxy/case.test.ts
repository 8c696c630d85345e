import { expect, test } from "vitest";

import { startHttpProxy } from "../../../lab/services/http-proxy.ts";
import { instancePaths } from "../../../lab/services/services.ts";
import { muster, waitForState } from "../../harness/muster.ts";
import { pageThroughBalancer } from "../../harness/outside.ts";
import { createWorld } from "../../harness/world.ts";

test("git over ssh, apt and Puppet go through the proxy, balancer and DNS do not, and its password is nowhere", async () => {
  await using world = await createWorld(import.meta.dirname);
  const { apt, git } = world.services;
  const password = "p%ss:w/rd-of-the-proxy";
  const proxy = await startHttpProxy({
    ...{ address: world.lab.address(9), port: 3128, credentials: `muster:${password}` },
    route: (host, port) => ({ host: host.startsWith("git.") ? git.address : apt.address, port }),
  });
  world.lab.onClose(() => proxy.close());
  const sources = "/etc/apt/sources.list.d/muster-lab.sources";
  const byName = apt.sources.replaceAll(apt.address, "deb.example.internal");
  const web = await world.boot({
    settings: {
      // Names that the instance itself does not resolve.
      config: {
        url: git.url("ssh", "ops/config", { byName: true }),
        ssh: { key: instancePaths.sshKey, knownHosts: instancePaths.knownHosts },
      },
      proxy: {
        https: proxy.url,
        http: proxy.url,
        noProxy: ["10.0.0.0/8"],
        credentials: "/etc/muster/proxy-credentials",
      },
    },
    files: {
      [sources]: byName,
      "/etc/muster/proxy-credentials": { content: `muster:${password}\n`, mode: 0o600 },
    },
  });
  const report = await waitForState(web, "in-service", { timeout: 240_000 });
  expect(report.commit).toBe(await world.repo.head());
  expect(await pageThroughBalancer(world)).toContain("welcome");

  const servers = new Set(proxy.requests.map((line) => line.replace(/^(\w+ (?:http:\/\/)?[^/]+).*/, "$1")));
  expect([...servers].toSorted()).toEqual(["CONNECT git.example.internal:22", "GET http://deb.example.internal"]);
  const seen = await web.readFile("/run/seen-by-puppet");
  const url = proxy.url.replace("//", "//muster:p%25ss%3Aw%2Frd-of-the-proxy@");
  expect(seen).toContain(`https_proxy=${url}\n`);
  expect(seen).toContain("no_proxy=localhost,127.0.0.1,::1,169.254.169.254,fd00:ec2::254,10.0.0.0/8\n");

  // Every form of it: as it is, and as a part of a URL.
  const forms = ["w/rd-of-the-proxy", "w%2Frd-of-the-proxy"].map((form) => `-e '${form}'`).join(" ");
  const places = "/var/log/muster /var/lib/muster";
  expect((await web.exec(`grep -rlF ${forms} ${places} || true`)).stdout).toBe("");
  expect((await web.exec(`journalctl | grep -F ${forms} || true`)).stdout).toBe("");
  expect((await web.exec("stat -c %a /run/muster/proxies.env")).stdout).toBe("600\n");
  const explained = (await muster(web, "explain --all")).stdout;
  expect(explained).toMatch(/proxy\.https +http:\/\/\S+:3128 +\S*muster\.yaml:\d+/);
});
