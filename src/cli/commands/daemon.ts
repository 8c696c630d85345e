import type { Command } from "../command.ts";

/** What the command works through. */
export type DaemonCommandDeps = {
  serve(signal: AbortSignal): Promise<void>;
  reload(signal: AbortSignal): Promise<"in-force" | "later">;
};

/** `muster daemon`: what systemd starts, and what it reloads. */
export function daemonCommand(deps: DaemonCommandDeps): Command {
  return {
    name: "daemon",
    summary: "what systemd starts: the boot run, then the watch",
    details: "Ends on SIGTERM without leaving service; to leave, use: muster drain",
    options: [
      {
        flags: "--reload",
        summary: "have the daemon that runs read its settings again, and wait for it; systemctl reload muster does it",
      },
    ],
    async run({ options }, io) {
      if (options["reload"] !== true) {
        await deps.serve(io.signal);
        return 0;
      }
      const words = {
        "in-force": "The settings were read again, and are in force.",
        later: "The settings are read again as soon as the work under way is over.",
      };
      io.out(`${words[await deps.reload(io.signal)]}\n`);
      return 0;
    },
  };
}
