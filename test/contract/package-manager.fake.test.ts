import { createPackagesInMemory } from "../fakes/packages-in-memory.ts";
import { packageManagerSuite } from "./package-manager.suite.ts";

packageManagerSuite("fake", async () => {
  const packages = createPackagesInMemory();
  const names = { security: "app", ordinary: "tool", growing: "grow", brought: "grow-data", rebooting: "core" };
  const [from, to] = ["1.0", "1.1"];
  packages.state = {
    ...packages.state,
    upgrades: [
      { name: names.security, from, to, security: true },
      ...[names.ordinary, names.growing, names.rebooting].map((name) => ({ name, from, to, security: false })),
      { name: names.brought, to: "1.0", security: false },
    ],
  };
  packages.asksForReboot.add(names.rebooting);
  const before = new Map(packages.state.upgrades.map(({ name, from }) => [name, from]));
  return {
    packages,
    names,
    versions: { old: from, next: to, brought: "1.0" },
    installed: async (name) => packages.installed.get(name) ?? before.get(name),
    [Symbol.asyncDispose]: async () => undefined,
  };
});
