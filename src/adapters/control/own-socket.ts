import { controlSocket, rootSocket } from "../../domain/paths.ts";

/** The socket of the daemon that whoever runs this process may use, if any. */
export function ownSocket(): string {
  return process.geteuid?.() === 0 ? rootSocket : controlSocket;
}
