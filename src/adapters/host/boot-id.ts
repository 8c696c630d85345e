import { readFileSync } from "node:fs";

const file = "/proc/sys/kernel/random/boot_id";

/**
 * The id of this boot, as process 1 sees it. systemd gives a service with ProtectKernelTunables= or
 * ProtectControlGroups= a proc of its own (252 does), and in a container that proc has the id of the host: the daemon
 * would see another boot than the commands. A user without privileges, who may not read process 1's root, has no such
 * proc.
 */
export function readBootId(): string {
  try {
    return readFileSync(`/proc/1/root${file}`, "utf8").trim();
  } catch {
    return readFileSync(file, "utf8").trim();
  }
}
