import { controlSocket, rootSocket } from "../../domain/settings/paths.ts";

/** The socket of the daemon that the user of this process may use, if any. */
export function ownSocket(): string {
  return isRoot() ? rootSocket : controlSocket;
}

/** Whether this process runs as root. */
export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}
