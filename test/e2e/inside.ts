// Runs this repository's code inside an instance: what has to meet a real systemd or apt without the whole agent.
import { mkdir, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Instance } from "../lab/instance.ts";
import type { Lab, BootOptions } from "../lab/lab.ts";
import { run } from "../lab/run.ts";

const repository = join(import.meta.dirname, "../..");
/** Where the repository is in the instance, read-only. */
export const inside = "/srv/repository";

/** An instance without the agent, that has the repository. Do not reboot it. */
export async function bootWithRepository(lab: Lab, options: BootOptions): Promise<Instance> {
  let mounted = "";
  const instance = await lab.boot({
    binary: false,
    ...options,
    prepare: async (root) => {
      mounted = join(root, inside);
      await mkdir(mounted, { recursive: true });
      await run(["mount", "--bind", repository, mounted]);
      await run(["mount", "-o", "remount,bind,ro", mounted]);
    },
  });
  // Closed before the instance, which cannot go while something is mounted in it.
  lab.onClose(async () => {
    await run(["umount", "--lazy", mounted]);
  });
  return instance;
}

/** The command that runs `argv` in the instance on one of the pinned runtimes, in the repository. */
export async function runtimeCommand(program: "node" | "bun", ...argv: readonly string[]): Promise<string[]> {
  const { stdout } = await run(["sh", "-c", 'command -v "$1"', "sh", program]);
  const runtime = (await realpath(stdout.trim())).replace(repository, inside);
  const path = `PATH=${dirname(runtime)}:/usr/sbin:/usr/bin:/sbin:/bin`;
  return ["env", `--chdir=${inside}`, path, runtime, ...(program === "bun" ? ["--bun"] : []), ...argv];
}
