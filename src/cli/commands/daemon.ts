import type { Command } from "../command.ts";

/** `muster daemon`: what systemd starts. */
export function daemonCommand(deps: { serve(signal: AbortSignal): Promise<void> }): Command {
  return {
    name: "daemon",
    summary: "what systemd starts: the boot run, then the watch",
    details: "Ends on SIGTERM without leaving service; to leave, use: muster drain",
    async run(_input, io) {
      await deps.serve(io.signal);
      return 0;
    },
  };
}
