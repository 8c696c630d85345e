import { unwatched } from "../host/command-watch.ts";
import { exec } from "../host/exec.ts";
import { programs } from "../../domain/settings/paths.ts";
import { createSerial } from "../../lib/async/serial.ts";

/** Sends assignments of sd_notify(3), as `STATUS=…`. Never rejects. */
export type Notifier = {
  /** Takes a message that may be delayed and replaced by a later one. */
  queue(assignments: Readonly<Record<string, string>>): void;
  /** Sends at once, with all queued messages; resolves when they were handed over. */
  send(assignments: Readonly<Record<string, string>>): Promise<void>;
};

/** A message costs a process: messages in quick succession go out as one, the last value of a key wins. */
const pauseMs = 500;
const sendMs = 10_000;
const maxValue = 1024;

const { signal: never } = new AbortController();

/**
 * Talks to the service manager through systemd-notify, a child of ours: `NotifyAccess=all` lets it send; sending in the
 * name of its parent needs CAP_SYS_ADMIN, which the sandbox removes. Without `--no-block` it stays until systemd has
 * read the message and identified the sender by its process.
 * @param socket `$NOTIFY_SOCKET`; undefined: no supervisor, nothing is sent
 */
export function createNotifier(socket: string | undefined): Notifier {
  const waiting = new Map<string, string>();
  let timer: NodeJS.Timeout | undefined;
  /** One after the other: an older status must not overtake a newer one. */
  const sends = createSerial();

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    return sends.run(notify);
  }

  async function notify(): Promise<void> {
    const message = [...waiting].map(([key, value]) => `${key}=${oneLine(value)}`);
    waiting.clear();
    if (socket === undefined || message.length === 0) return;
    // A lost message is followed by the next one; the watchdog judges an agent that cannot send any. It may be sent
    // during a stage, but is not part of its work.
    await unwatched(() =>
      exec({
        argv: [programs.systemdNotify, ...message],
        env: { NOTIFY_SOCKET: socket },
        timeoutMs: sendMs,
        signal: never,
        beginning: true,
      }),
    );
  }

  function put(assignments: Readonly<Record<string, string>>): void {
    for (const [key, value] of Object.entries(assignments)) waiting.set(key, value);
  }

  return {
    queue(assignments) {
      if (socket === undefined) return;
      put(assignments);
      timer ??= setTimeout(() => void flush(), pauseMs);
    },
    send(assignments) {
      put(assignments);
      return flush();
    },
  };
}

/** A line break would begin another assignment. */
function oneLine(value: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return value.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, " ").slice(0, maxValue);
}
