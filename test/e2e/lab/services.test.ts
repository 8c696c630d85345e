// The servers as an instance sees them: by its own apt, git, ssh and nsupdate, over the lab's network.
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Instance } from "../../lab/instance.ts";
import { createLab, type Lab } from "../../lab/lab.ts";
import { suites } from "../../lab/prepare/image.ts";
import { instancePaths, type Services, startServices } from "../../lab/services/services.ts";

describe.each(suites)("%s", (suite) => {
  let lab: Lab;
  let services: Services;
  let instance: Instance;

  beforeAll(async () => {
    lab = await createLab();
    services = await startServices(lab, { suite });
    instance = await lab.boot({ suite, binary: false, files: services.files });
  });

  afterAll(async () => {
    await lab?.close();
  });

  test("apt upgrades what waits and installs nginx", async () => {
    await instance.exec("apt-get update");
    const { stdout } = await instance.exec("apt-get --simulate upgrade");
    expect(stdout).toContain(`Inst muster-lab-app [1.0] (1.1 Debian-Security:${suite}-security [all])`);
    expect(stdout).toContain(`Inst muster-lab-tool [1.0] (1.1 Debian:${suite} [all])`);

    await instance.exec("DEBIAN_FRONTEND=noninteractive apt-get --yes install nginx");
    expect((await instance.exec("systemctl is-active nginx")).stdout).toBe("active\n");
  });

  test("the balancer serves the instance's page under the balancer's name", async () => {
    const { haproxy, dns } = services;
    await haproxy.command(`add server web-dev/${instance.name} ${instance.address}:80 check inter 200ms rise 1 fall 2`);
    await haproxy.command(`set server web-dev/${instance.name} state drain`);
    await haproxy.command(`enable health web-dev/${instance.name}`);
    await instance.waitFor(async () => (await haproxy.servers("web-dev"))[0]?.check === "L7OK", {
      what: "HAProxy says up",
    });
    await haproxy.command(`set server web-dev/${instance.name} state ready`);

    expect(await dns.query("www.example.internal", "A")).toEqual([haproxy.address]);
    expect((await haproxy.get("/", { host: "www.example.internal" })).body).toContain("Welcome to nginx");
    expect((await instance.exec("curl --silent --fail http://www.example.internal/")).stdout).toContain(
      "Welcome to nginx",
    );
  });

  test.each(["http", "https", "ssh"] as const)("git clones over %s", async (scheme) => {
    const repo = await services.git.createRepo(`ops/${scheme}`);
    const commit = await repo.commitFiles({ "muster.yaml": "version: 1\n" }, "first");
    const ssh = `ssh -o BatchMode=yes -o UserKnownHostsFile=${instancePaths.knownHosts} -i ${instancePaths.sshKey}`;
    const url = services.git.url(scheme, repo.name, { byName: true });
    await instance.exec(
      `GIT_SSL_CAINFO=${instancePaths.gitCa} GIT_SSH_COMMAND='${ssh}' git clone --quiet ${url} /root/${scheme}`,
    );

    expect((await instance.exec(`git -C /root/${scheme} rev-parse HEAD`)).stdout.trim()).toBe(commit);
  });

  test("nsupdate publishes with the lab's key", async () => {
    const input = `server ${services.dns.address}\nupdate add i1.example.internal 30 A ${instance.address}\nsend\n`;
    await instance.exec(["nsupdate", "-k", instancePaths.dnsKey], { input });

    expect(await services.dns.query("i1.example.internal", "A")).toEqual([instance.address]);
  });

  test("a name outside the lab fails at once", async () => {
    const started = performance.now();
    await instance.exec("getent hosts deb.debian.org", { check: false });
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
