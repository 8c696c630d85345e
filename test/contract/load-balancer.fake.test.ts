import { createFakeLoadBalancer } from "../fakes/load-balancer.ts";
import { loadBalancerSuite } from "./load-balancer.suite.ts";

const balancer = createFakeLoadBalancer(["web-dev"]);
const sick = new Set<string>();
balancer.passes = ({ member }) => !sick.has(member);

loadBalancerSuite("fake", () => ({
  balancer,
  target: (member) => ({
    group: "web-dev",
    instance: "i-1",
    member,
    address: "127.0.0.1",
    port: 80,
    deadlineMs: 10_000,
    drainMs: 1_000,
  }),
  async setHealthy({ member }, healthy) {
    if (healthy) sick.delete(member);
    else sick.add(member);
  },
  async openRequest({ group, member }) {
    balancer.openConnections(`${group}/${member}`, 1);
  },
}));
