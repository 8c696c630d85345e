import type { EventListener, RunEvent } from "../../domain/events.ts";
import { describeStart } from "../../domain/start-type.ts";
import { formatDuration } from "../../domain/units.ts";

/** Priorities of syslog, as systemd's journal reads them from the start of a line. */
type Priority = 3 | 4 | 5 | 6 | 7;

/**
 * Tells a run as a story, one plain line an event, for `journalctl -u muster`. Progress is told when it
 * changes; what external commands print stays in their own units' journal and log.
 * @param prefixed whether lines begin with `<n>`, the priority that the journal takes off again
 */
export function createStory(write: (text: string) => void, prefixed: boolean): EventListener {
  return (event) => {
    const told = tell(event);
    if (told === undefined) return;
    const [priority, text] = told;
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    write(`${prefixed ? `<${priority}>` : ""}${text.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, " ")}\n`);
  };
}

function tell(event: RunEvent): readonly [Priority, string] | undefined {
  switch (event.type) {
    case "run-started": {
      const resumed = event.resumed ? ", taken up where it was interrupted" : "";
      return [5, `run ${event.run ?? ""} begins: ${describeStart(event.cause, event.startType)}${resumed}`];
    }
    case "stage-progress":
      return event.text === "" ? undefined : [6, `${event.stage}: ${event.text}`];
    case "stage-finished": {
      const took = event.durationMs < 50 ? "" : ` (${formatDuration(event.durationMs)})`;
      if (event.error === undefined) return [6, `${event.stage} ${event.outcome}: ${event.summary}${took}`];
      return [3, `${event.stage} failed: ${event.error.message}${took}. ${event.error.hint} [${event.error.code}]`];
    }
    case "run-finished":
      return [event.end.kind === "held" || event.end.kind === "failed" ? 3 : 5, endWords(event)];
    case "state-changed":
      return [event.state === "held" ? 4 : 5, `${event.state}: ${event.reason}`];
    case "retry-scheduled":
      return [5, `trying again in ${formatDuration(event.inMs)}`];
    case "notice":
      return [event.level === "info" ? 6 : event.level === "warning" ? 4 : 3, `${event.text} [${event.code}]`];
    case "cloud-call":
      return [7, callWords(event)];
    case "stage-started":
    case "stage-output":
    case "stage-planned":
    case "command-started":
    case "command-finished":
    case "run-facts":
      return undefined;
  }
}

function callWords(event: Extract<RunEvent, { type: "cloud-call" }>): string {
  const { operation, durationMs, attempts, requestId, failure } = event;
  const tries = attempts === 1 ? "" : `, ${attempts} attempts`;
  const asked = requestId === undefined ? "" : `, request ${requestId}`;
  return `${operation} ${failure ?? "ok"} (${Math.round(durationMs)} ms${tries}${asked})`;
}

function endWords(event: Extract<RunEvent, { type: "run-finished" }>): string {
  const { end } = event;
  const took = formatDuration(event.durationMs);
  const run = `run ${event.run ?? ""} ended after ${took}`;
  switch (end.kind) {
    case "in-service":
      return `${run}: in service${end.changed ? "" : ", nothing had to be changed"}`;
    case "unconfirmed":
      return `${run}: ${end.note}`;
    case "done":
      return `${run}: done${end.note === undefined ? "" : ` (${end.note})`}`;
    case "held":
      return `${run}: held at ${end.stage}`;
    case "failed":
      return `${run}: failed at ${end.stage}; membership stays as it is`;
  }
}
