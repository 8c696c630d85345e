import type { Target } from "../../src/domain/membership/membership.ts";
import { createFakeLoadBalancer } from "../fakes/load-balancer.ts";
import { loadBalancerSuite } from "./load-balancer.suite.ts";

const balancer = createFakeLoadBalancer(["web-dev"]);
const sick = new Set<string>();
balancer.passes = ({ member }) => !sick.has(member);

const traits = {
  sickReason: ({ group, member }: Target) => `${group}/${member}: DOWN`,
  countsConnections: true,
  moved: "wrong",
} as const;

loadBalancerSuite("fake", () => ({
  balancer,
  target: (member) => ({
    group: "web-dev",
    instance: member.replace(/-\d+$/, ""),
    member,
    address: "127.0.0.1",
    port: 80,
    deadlineMs: 10_000,
    drainMs: 1_000,
  }),
  ...traits,
  async setHealthy({ member }, healthy) {
    if (healthy) sick.delete(member);
    else sick.add(member);
  },
  async openRequest({ group, member }) {
    balancer.openConnections(`${group}/${member}`, 1);
  },
}));
