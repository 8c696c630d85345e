import { briefEvent } from "../domain/redact/brief-event.ts";
import type { RunEvent } from "../domain/run/events.ts";
import { briefStatus } from "../domain/redact/brief-status.ts";
import { units } from "../domain/settings/paths.ts";
import type { StatusReport, Watch } from "../domain/instance/status.ts";
import { formatDuration } from "../domain/text/units.ts";
import { createSerial } from "../lib/async/serial.ts";
import type { ServiceManager } from "../ports/service-manager.ts";
import type { EventBus } from "../run/state/event-bus.ts";

/** What leaving may take beyond the drain itself, in milliseconds. */
const graceMs = 30_000;

/**
 * Keeps systemd up to date: the line of `systemctl status`, muster-ready.target, and muster-leave.service, which takes
 * the instance out before the role's own units stop at power-off.
 */
export function showState(bus: EventBus, services: ServiceManager, known: StatusReport): () => void {
  let watch: Watch = known.watch ?? { units: [], leaveMs: 0 };
  // An earlier agent may have started it. On a new machine none has, so do not ask systemd in the middle of a boot.
  let mayBeReady = known.state !== "new";
  async function follow(event: RunEvent): Promise<void> {
    // The status line is readable by every user of the machine.
    const told = briefEvent(event);
    const line = told === undefined ? undefined : lineOf(told);
    if (line !== undefined) services.status(line);
    if (event.type === "run-facts" && event.facts.watch !== undefined) watch = event.facts.watch;
    // From the first call to the balancer on, a shutdown has to leave.
    if (event.type === "stage-started" && event.stage === "register") await armLeave();
    if (event.type !== "state-changed") return;
    if (event.state === "in-service") {
      await armLeave();
      mayBeReady = true;
      await services.start(units.ready);
      return;
    }
    if (!mayBeReady) return;
    await services.stop(units.ready);
    mayBeReady = false;
  }
  async function armLeave(): Promise<void> {
    await services.orderAfter(units.leave, watch.units, watch.leaveMs + graceMs);
    await services.start(units.leave);
  }
  const turns = createSerial();
  function hear(event: RunEvent): void {
    turns.run(() => follow(event)).catch((error: unknown) => sayOnce(bus, event, error));
  }
  // A restarted daemon shows the state of the one before, which may have died before it showed it.
  const { state, since } = known;
  const reason = briefStatus(known).reason;
  hear({ type: "state-changed", state, reason, brief: reason, at: since });
  return bus.listen(hear);
}

/** Reports a failure of systemd, but never in answer to such a notice. */
function sayOnce(bus: EventBus, event: RunEvent, error: unknown): void {
  if (event.type === "notice") return;
  const text = error instanceof Error ? error.message : String(error);
  bus.emit({ type: "notice", level: "warning", code: "systemd-failed", text });
}

function lineOf(event: RunEvent): string | undefined {
  switch (event.type) {
    case "stage-started":
      return event.stage;
    case "stage-progress":
      return `${event.stage}: ${event.text}`;
    case "state-changed":
      return `${event.state}: ${event.reason}`;
    case "retry-scheduled":
      return `held; trying again in ${formatDuration(event.inMs)}`;
    default:
      return undefined;
  }
}
