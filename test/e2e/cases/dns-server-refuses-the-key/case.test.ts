import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";

import { instancePaths } from "../../../lab/services/services.ts";
import { explains } from "../../harness/explains.ts";
import { stage, waitForState } from "../../harness/muster.ts";
import { expectNothingRegistered, pageThroughBalancer, published } from "../../harness/outside.ts";
import { createWorld } from "../../harness/world.ts";

test.for(["wrongKeyFile", "unknownKeyFile"] as const)(
  "a refused key (%s) holds the instance, takes it out of the balancer, and stays secret",
  async (which) => {
    await using world = await createWorld(import.meta.dirname);
    const { dns } = world.services;
    const refused = await readFile(dns[which], "utf8");
    const web = await world.boot({ files: { [instancePaths.dnsKey]: { content: refused, mode: 0o600 } } });
    const report = await waitForState(web, "held");

    expect(report.error?.code).toBe("dns-refused");
    expect(report.error?.message).toContain(dns.address);
    expect(stage(report, "dns").state).toBe("failed");
    await explains(
      web,
      import.meta.dirname,
      {
        verdict: /^✘ Not in service, held at dns: .*refuse/,
        todo: /./,
      },
      `explain-${which}`,
    );
    await expectNothingRegistered(world);
    const secret = /secret "([^"]+)"/.exec(refused)?.[1] ?? "no secret found";
    const told = await web.exec("journalctl --no-pager; cat /var/log/muster/*.log; grep -r . /var/lib/muster/runs");
    expect(told.stdout).toContain("dns-refused");
    expect(told.stdout).not.toContain(secret);

    await web.writeFile(instancePaths.dnsKey, await readFile(dns.keyFile, "utf8"), 0o600);
    await waitForState(web, "in-service");
    expect(await pageThroughBalancer(world)).toContain("welcome");
    expect(await published(world)).toHaveLength(2);
  },
);
