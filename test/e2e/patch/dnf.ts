// Instances that have dnf in apt's place, for the cases of dnf.
import type { Instance } from "../../lab/instance.ts";
import type { Lab } from "../../lab/lab.ts";
import { dnfImageDirectory } from "../../lab/prepare/dnf-image.ts";
import type { Suite } from "../../lab/prepare/image.ts";
import { bootWithRepository, inside, runtimeCommand } from "../inside.ts";
import { patchStageIn, type Said } from "./said.ts";

export async function bootWithDnf(lab: Lab, suite: Suite): Promise<Instance> {
  return bootWithRepository(lab, { suite, image: dnfImageDirectory(suite) });
}

export function agentCommand(...args: readonly string[]): Promise<string[]> {
  return runtimeCommand("node", `${inside}/test/e2e/patch/agent.ts`, ...args, "dnf");
}

export async function stage(
  instance: Instance,
  id: string,
  what: string,
  scope = "none",
  ...more: readonly string[]
): Promise<Said> {
  return patchStageIn(instance, id, what, scope, ...more, "dnf");
}

/** Waits until the package that takes its time has begun to. */
export async function begun(instance: Instance): Promise<void> {
  await instance.waitFor(async () => (await instance.exec("cat /var/lib/slow/started", { check: false })).stdout, {
    what: "the slow script has begun",
  });
}

/** Versions by the packages' names, without what all names begin with. */
export async function versions(instance: Instance): Promise<Record<string, string>> {
  const { stdout } = await instance.exec([
    "rpm",
    "--query",
    "--all",
    "--queryformat",
    "%{NAME} %{VERSION}\\n",
    "muster-lab-*",
  ]);
  const lines = stdout.trimEnd().split("\n");
  return Object.fromEntries(lines.map((line) => line.replace("muster-lab-", "").split(" ") as [string, string]));
}
