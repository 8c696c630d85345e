import { readFileSync } from "node:fs";

const file = "/proc/sys/kernel/random/boot_id";

/**
 * The id of this boot, as process 1 sees it. systemd gives a service with ProtectKernelTunables= or ProtectControlGroups=
 * a proc of its own (252 does), and in a container that one tells the id of the host: the daemon would live in another
 * boot than the commands. Who may not look through process 1's root, a user without privileges, has no such proc.
 */
export function readBootId(): string {
  try {
    return readFileSync(`/proc/1/root${file}`, "utf8").trim();
  } catch {
    return readFileSync(file, "utf8").trim();
  }
}
