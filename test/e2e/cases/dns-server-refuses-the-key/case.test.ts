import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";

import { instancePaths } from "../../../lab/services/services.ts";
import { explains } from "../../harness/explains.ts";
import { stage, status, waitForState } from "../../harness/muster.ts";
import { pageThroughBalancer, published } from "../../harness/outside.ts";
import { createWorld } from "../../harness/world.ts";

test.for(["wrongKeyFile", "unknownKeyFile"] as const)(
  "a refused key (%s) leaves the instance in service without its names, said, and stays secret",
  async (which) => {
    await using world = await createWorld(import.meta.dirname);
    const { dns } = world.services;
    const refused = await readFile(dns[which], "utf8");
    const web = await world.boot({ files: { [instancePaths.dnsKey]: { content: refused, mode: 0o600 } } });
    const report = await waitForState(web, "in-service");

    expect(report.pending).toMatchObject({ code: "dns-refused", stage: "dns" });
    expect(report.pending?.text).toContain(dns.address);
    expect(stage(report, "dns").state).toBe("failed");
    await explains(
      web,
      import.meta.dirname,
      {
        verdict: /^✔ In service, but its names are not published yet: .*refuse/,
        todo: /muster explain dns-refused/,
      },
      `explain-${which}`,
    );
    expect(await pageThroughBalancer(world)).toContain("welcome");
    expect(await published(world)).toEqual([]);
    const secret = /secret "([^"]+)"/.exec(refused)?.[1] ?? "no secret found";
    const told = await web.exec("journalctl --no-pager; cat /var/log/muster/*.log; grep -r . /var/lib/muster/runs");
    expect(told.stdout).toContain("dns-refused");
    expect(told.stdout).not.toContain(secret);

    await web.writeFile(instancePaths.dnsKey, await readFile(dns.keyFile, "utf8"), 0o600);
    await web.waitFor(async () => (await status(web)).pending === undefined, { what: "the names", timeout: 90_000 });
    expect(await published(world)).toHaveLength(2);
  },
);
