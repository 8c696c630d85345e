import { expect, it } from "vitest";
import type { Role } from "../../../../src/domain/role.ts";
import { roleSchema } from "../../../../src/stages/config/role-schema.ts";

/** Whatever a role may say, said: a key that the schema lacks would unpin a run at its first replay. */
const role: Required<Role> = {
  name: "web",
  patch: { scope: "all", exclude: ["kernel*"], releasever: "latest", reboot: "never", timeoutMs: 1 },
  converge: [
    {
      engine: "puppet",
      manifest: "site.pp",
      modules: ["modules"],
      hiera: "hiera.yaml",
      environment: "production",
      timeoutMs: 1,
    },
  ],
  health: { system: [], service: [], smoke: [], deadlineMs: 1, everyMs: 2, fall: 3, rise: 4, replaceAfterMs: 5 },
  register: [
    { targetGroup: "web", port: 80, deadlineMs: 1, drainMs: 1, minimumHealthy: { percent: 50 } },
    { classicLoadBalancer: "web", port: 80, deadlineMs: 1, drainMs: 1, minimumHealthy: { count: 1 } },
  ],
  dns: [
    {
      zone: "example.internal",
      name: "www",
      type: "A",
      ttl: 30,
      value: "10.0.0.1",
      routing: "weighted",
      weight: 0,
      visibility: "private",
    },
  ],
  slot: { zone: "example.internal", name: "web", count: 1, expiresMs: 1, visibility: "private" },
  leave: {
    limitMs: 1,
    beforeStop: [{ run: { argv: ["true"] }, timeoutMs: 1 }],
    rebalance: "drain",
    maintenance: "ignore",
  },
  schedule: { converge: "* * * * *", patch: { at: "* * * * *", windowMs: 1 } },
};

it("reads from the journal every key that a role has", () => {
  expect(roleSchema.parse(JSON.parse(JSON.stringify(role)))).toEqual(role);
});
