// The contract of src/ports/package-manager.ts against real apt and real dnf, in instances.
import { aptHints } from "../../src/adapters/apt/package-manager.ts";
import { commandsOf } from "../../src/adapters/dnf/flavour.ts";
import type { PackageManager } from "../../src/ports/package-manager.ts";
import { packageManagerSuite, type PackageWorld } from "../contract/package-manager.suite.ts";
import type { Instance } from "../lab/instance.ts";
import { createLab, type Lab } from "../lab/lab.ts";
import { labPackages } from "../lab/services/apt-packages.ts";
import { startServices } from "../lab/services/services.ts";
import { bootWithRepository, inside, runtimeCommand } from "./inside.ts";
import { bootWithDnf } from "./patch/dnf.ts";

const names = {
  security: "muster-lab-app",
  ordinary: "muster-lab-tool",
  growing: "muster-lab-grow",
  brought: "muster-lab-grow-data",
};

packageManagerSuite("apt", async () => {
  const lab = await createLab();
  const services = await startServices(lab, { suite: "bookworm" });
  await services.apt.publish(labPackages.restart("1.1"), "main");
  const instance = await bootWithRepository(lab, { suite: "bookworm", files: services.files });
  return worldOf(lab, {
    packages: remotePackages("apt", instance),
    names: { ...names, rebooting: "muster-lab-restart" },
    versions: { old: "1.0", next: "1.1", brought: "1.0" },
    installed: (name) => ask(instance, ["dpkg-query", "--show", "--showformat=${Version}", name]),
  });
});

packageManagerSuite("dnf 4", async () => {
  const lab = await createLab();
  const instance = await bootWithDnf(lab, "bookworm");
  return worldOf(lab, {
    packages: remotePackages("dnf", instance),
    names: { ...names, rebooting: "muster-lab-core" },
    versions: { old: "1.0-1", next: "1.1-1", brought: "1.0-1" },
    installed: (name) => ask(instance, ["rpm", "--query", "--queryformat", "%{VERSION}-%{RELEASE}", name]),
  });
});

function worldOf(lab: Lab, world: Omit<PackageWorld, typeof Symbol.asyncDispose>): PackageWorld {
  return { ...world, [Symbol.asyncDispose]: () => lab.close() };
}

async function ask(instance: Instance, command: string[]): Promise<string | undefined> {
  const { code, stdout } = await instance.exec(command, { check: false });
  return code === 0 ? stdout : undefined;
}

/** The package manager of an instance: each call is a process there. */
function remotePackages(manager: "apt" | "dnf", instance: Instance): PackageManager {
  async function call<T>(run: string, method: string, args: readonly unknown[] = []): Promise<T> {
    const words = [manager, run, method, JSON.stringify(args)];
    const command = await runtimeCommand("node", `${inside}/test/e2e/patch/call-agent.ts`, ...words);
    const { stdout } = await instance.exec(command, { timeout: 300_000 });
    const said = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as { result?: T; error?: { message: string } };
    if (said.error !== undefined) throw new Error(said.error.message);
    return said.result as T;
  }
  return {
    hints: manager === "apt" ? aptHints : commandsOf("dnf").hints,
    refresh: (rules, { run }) => call(run, "refresh", [rules]),
    resume: ({ run }) => call(run, "resume"),
    whenIdle: ({ run }) => call(run, "whenIdle"),
    observe: (rules, { run }) => call(run, "observe", [rules]),
    repair: () => Promise.reject(new Error("nothing is broken here")),
    upgrade: (scope, upgrades, rules, { run }, timeoutMs) => call(run, "upgrade", [scope, upgrades, rules, timeoutMs]),
    changes: (run) => call(run, "changes"),
    rebootState: () => call("-", "rebootState"),
    servicesToRestart: () => call("-", "servicesToRestart"),
  };
}
