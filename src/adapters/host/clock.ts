import { readFileSync } from "node:fs";
import { access } from "node:fs/promises";
import { programs } from "../../domain/settings/paths.ts";
import type { Clock, ClockSync } from "../../ports/clock.ts";
import { exec } from "./exec.ts";
import { timer } from "./timer.ts";

/** The machine's clock. */
export function createClock(): Clock {
  const originMs = bootedMs() - performance.now();
  return {
    ...timer,
    now: () => new Date(),
    monotonicMs: () => performance.now(),
    uptimeMs: () => originMs + performance.now(),
    synchronisation: observeSynchronisation,
  };
}

/** Of the machine, in milliseconds, to ten: /proc/uptime has hundredths of a second. */
function bootedMs(): number {
  return Number.parseFloat(readFileSync("/proc/uptime", "utf8")) * 1000;
}

/** PID 1 writes this in every container. */
const containerMark = "/run/systemd/container";
/** systemd-timesyncd writes this after its first synchronisation in a boot. */
const timesyncMark = "/run/systemd/timesync/synchronized";

async function observeSynchronisation(signal: AbortSignal): Promise<ClockSync> {
  if (await exists(containerMark)) {
    return { kind: "unmanaged", why: "a container shares the clock of its host" };
  }
  if (await exists(timesyncMark)) return { kind: "synchronised", by: "systemd-timesyncd" };
  const shown = await exec({
    argv: [programs.timedatectl, "show", "--property=NTPSynchronized,NTP,CanNTP"],
    timeoutMs: 5_000,
    signal,
  });
  if (shown.outcome !== "exited" || shown.code !== 0) {
    return { kind: "unmanaged", why: "timedatectl does not answer" };
  }
  const properties = new Set(shown.stdout.split("\n"));
  // NTPSynchronized is the kernel's own word (adjtimex), for every time service: chrony, ntpd, timesyncd.
  if (properties.has("NTPSynchronized=yes")) return { kind: "synchronised", by: "the kernel's word" };
  if (properties.has("NTP=yes")) return { kind: "waiting", by: "the time service" };
  return { kind: "unmanaged", why: "no time service is switched on" };
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
