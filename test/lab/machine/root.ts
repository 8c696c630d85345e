// What is written into an instance's root before its first boot, as baking an image would.
import { randomBytes } from "node:crypto";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

export type Files = Record<string, string | { content: string; mode?: number }>;

/** The least that a Debian machine needs to know about itself. */
export function identityFiles(hostname: string, address: string, nameserver: string, hosts: string): Files {
  return {
    "/etc/hostname": `${hostname}\n`,
    // Facter asks for the host's own name: without this line it waits for the resolver.
    "/etc/hosts": `127.0.0.1 localhost\n${address} ${hostname}\n${hosts}`,
    "/etc/machine-id": `${randomBytes(16).toString("hex")}\n`,
    "/etc/resolv.conf": `nameserver ${nameserver}\noptions timeout:2 attempts:2\n`,
  };
}

/** Writes into a root that is not running. What is there under that name is replaced, links too. */
export async function writeFiles(root: string, files: Files): Promise<void> {
  for (const [path, file] of Object.entries(files)) {
    const { content, mode = 0o644 } = typeof file === "string" ? { content: file } : file;
    const target = join(root, path);
    await mkdir(dirname(target), { recursive: true });
    await rm(target, { force: true });
    await writeFile(target, content);
    await chmod(target, mode);
  }
}
