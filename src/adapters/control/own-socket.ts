import { controlSocket, rootSocket } from "../../domain/paths.ts";

/** The socket of the daemon that whoever runs this process may use, if any. */
export function ownSocket(): string {
  return isRoot() ? rootSocket : controlSocket;
}

/** Whether root runs this process. */
export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}
