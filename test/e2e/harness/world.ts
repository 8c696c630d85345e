// A lab with every server, a config repo, and instances whose settings know them.
import { existsSync } from "node:fs";
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";

import type { Instance } from "../../lab/instance.ts";
import { type BootOptions, createLab, type Lab } from "../../lab/lab.ts";
import type { Suite } from "../../lab/prepare/image.ts";
import type { GitRepository } from "../../lab/services/git-repository.ts";
import { instancePaths, type Services, startServices } from "../../lab/services/services.ts";
import { countingPuppet } from "./puppet-count.ts";

export interface World extends AsyncDisposable {
  lab: Lab;
  services: Services;
  /** The config repo, `ops/config`. */
  repo: GitRepository;
  /** Boots an instance with muster, role `web` in `dev`, whose settings know all servers. */
  boot: (options?: WorldBootOptions) => Promise<Instance>;
  close: () => Promise<void>;
}

export interface WorldBootOptions extends Omit<BootOptions, "instance" | "settings"> {
  /** The instance's id, made from its number if not said. */
  id?: string;
  /** With their full keys; role `web` and environment `dev` if not said. */
  tags?: Record<string, string>;
  /** Sections that replace those of the usual settings, or the whole text. */
  settings?: Record<string, unknown> | string;
}

/**
 * @param caseDirectory the case's folder (`import.meta.dirname`): its `repo/` lies over the harness's, file by file,
 *   and the two together are the first commit
 */
export async function createWorld(caseDirectory: string, options: { suite?: Suite } = {}): Promise<World> {
  const { suite = "bookworm" } = options;
  const lab = await createLab();
  try {
    const services = await startServices(lab, { suite });
    const repo = await services.git.createRepo("ops/config");
    await repo.commitDirectory(await layered(lab, [join(caseDirectory, "repo")]), "the first state");
    let count = 0;

    async function boot(options: WorldBootOptions = {}): Promise<Instance> {
      count += 1;
      const { id = `i-${String(count).padStart(17, "0")}`, tags = usualTags, settings, files, ...rest } = options;
      return lab.boot({
        suite,
        ...rest,
        instance: stringify({ id, zone: "local-a", tags }),
        settings: typeof settings === "string" ? settings : stringify({ ...usualSettings(services), ...settings }),
        files: { ...services.files, ...countingPuppet, ...files },
      });
    }

    return { lab, services, repo, boot, close: lab.close, [Symbol.asyncDispose]: lab.close };
  } catch (error) {
    await lab.close();
    throw error;
  }
}

export const usualTags = { "muster:role": "web", "muster:environment": "dev" };

/** The settings of an instance, short waits. */
export function usualSettings({ git, haproxy, dns }: Services) {
  return {
    cloud: "local",
    config: {
      url: git.url("https", "ops/config"),
      https: { ca: instancePaths.gitCa },
      deadline: "20s",
    },
    retry: { held: { first: "2s", max: "4s" } },
    local: {
      haproxy: { socket: `${haproxy.runtime.host}:${haproxy.runtime.port}` },
      dns: { server: dns.address, key: instancePaths.dnsKey },
    },
  };
}

/** A directory in which these lie over the harness's own config repo, file by file, the last one on top. */
export async function layered(lab: Lab, layers: readonly string[]): Promise<string> {
  const target = join(lab.directory, "config-repo");
  await rm(target, { recursive: true, force: true });
  for (const layer of [join(import.meta.dirname, "repo"), ...layers]) {
    if (existsSync(layer)) await cp(layer, target, { recursive: true });
  }
  return target;
}
