import { readFile } from "node:fs/promises";
import { join } from "node:path";

import type { Lab } from "../lab.ts";
import type { Files } from "../machine/root.ts";
import { imageDirectory, type Suite } from "../prepare/image.ts";
import { cacheDirectory } from "../prepare/tree.ts";
import { prepareAptPool } from "./apt-pool.ts";
import { type AptRepository, startAptRepository } from "./apt-repository.ts";
import { type DnsServer, startDnsServer } from "./dns-server.ts";
import { type GitServer, startGitServer } from "./git-server.ts";
import { type Backend, type Haproxy, startHaproxy } from "./haproxy.ts";

/** Everything that an instance on the local cloud talks to. */
export interface Services {
  apt: AptRepository;
  git: GitServer;
  haproxy: Haproxy;
  dns: DnsServer;
  /** What an instance needs to know about them, for `lab.boot({ files })`. */
  files: Files;
}

export interface ServicesOptions {
  suite?: Suite;
  /** One `web-dev` when not given, for the host name `www.example.internal`. */
  backends?: readonly Backend[];
}

export const zone = "example.internal";

/** Where `files` puts keys and certificates in an instance. */
export const instancePaths = {
  gitCa: "/etc/muster/lab/git-ca.pem",
  sshKey: "/etc/muster/lab/ssh-key",
  knownHosts: "/etc/muster/lab/known_hosts",
  allowedSigners: "/etc/muster/lab/allowed_signers",
  dnsKey: "/etc/muster/lab/dns.key",
};

/**
 * Starts all servers on the lab's addresses 2 to 5; they end with the lab. The zone has `www` (the balancer), `apt`,
 * `git`, `haproxy` and `ns`.
 */
export async function startServices(
  lab: Pick<Lab, "address" | "directory" | "onClose">,
  options: ServicesOptions = {},
): Promise<Services> {
  const { suite = "bookworm", backends = [{ name: "web-dev", hosts: [`www.${zone}`] }] } = options;
  const [apt, git, haproxy, dns] = [2, 3, 4, 5].map(lab.address) as [string, string, string, string];
  const dir = (name: string) => join(lab.directory, name);
  const pool = await prepareAptPool({ rootfs: imageDirectory(suite), suite, cacheDir: cacheDirectory });
  const records = Object.entries({ www: haproxy, apt, git, haproxy }).map(([name, data]) => ({
    name,
    type: "A",
    data,
  }));

  const starting = [
    startAptRepository({ address: apt, dir: dir("apt"), pool: pool.dir, suite }),
    startGitServer({ address: git, dir: dir("git") }),
    startHaproxy({ address: haproxy, dir: dir("haproxy"), backends }),
    startDnsServer({ address: dns, dir: dir("dns"), zone, records }),
  ] as const;
  // All of them are settled before a failure is thrown: the lab must know what there is to end.
  for (const started of await Promise.allSettled(starting)) {
    if (started.status === "fulfilled") lab.onClose(() => started.value.stop());
  }
  const [aptServer, gitServer, haproxyServer, dnsServer] = await Promise.all(starting);
  const servers = { apt: aptServer, git: gitServer, haproxy: haproxyServer, dns: dnsServer };
  return { ...servers, files: await filesFor(servers) };
}

async function filesFor({ apt, git, dns }: Omit<Services, "files">): Promise<Files> {
  return {
    "/etc/apt/sources.list.d/muster-lab.sources": apt.sources,
    [apt.keyringInInstance]: await text(apt.keyring),
    [instancePaths.gitCa]: await text(git.files.ca),
    [instancePaths.sshKey]: { content: await text(git.files.sshKey), mode: 0o600 },
    [instancePaths.knownHosts]: await text(git.files.knownHosts),
    [instancePaths.allowedSigners]: await text(git.files.allowedSigners),
    [instancePaths.dnsKey]: { content: await text(dns.keyFile), mode: 0o600 },
  };
}

function text(path: string): Promise<string> {
  return readFile(path, "utf8");
}
