import { Counter, type Registry } from "./prom-client.ts";
import type { EventListener, RunEvent } from "../../domain/run/events.ts";

type Add = (labels: Readonly<Record<string, string>>, amount?: number) => void;

/** Registers the counters; returns the listener that counts. */
export function countEvents(registry: Registry): EventListener {
  function counter(name: string, help: string, labelNames: readonly string[]): Add {
    const made = new Counter({ name: `muster_${name}`, help, labelNames, registers: [registry] });
    return (labels, amount = 1) => made.inc(labels, amount);
  }

  const runs = counter("runs_total", "Runs that ended, by cause and end.", ["cause", "end"]);
  const stages = counter("stages_total", "Stages that finished, by outcome.", ["stage", "outcome"]);
  const stageSeconds = counter("stage_seconds_total", "Time spent in stages.", ["stage"]);
  const commands = counter("commands_total", "External commands that ended.", ["command", "result"]);
  const commandSeconds = counter("command_seconds_total", "Time spent in external commands.", ["command"]);
  const calls = counter("cloud_calls_total", "Calls to the cloud's API.", ["operation", "result"]);
  const callSeconds = counter("cloud_call_seconds_total", "Time spent in calls, their retries included.", [
    "operation",
  ]);
  const retries = counter("cloud_call_retries_total", "Attempts beyond the first of each call.", ["operation"]);
  const throttles = counter("cloud_call_throttles_total", "Attempts that the cloud throttled.", ["operation"]);
  const notices = counter("notices_total", "What was noticed; docs/errors.md explains the codes.", ["code", "level"]);
  const states = counter("state_changes_total", "Changes of the instance's state.", ["state"]);

  let cause = "unknown";
  return (event: RunEvent) => {
    switch (event.type) {
      case "run-started":
        cause = event.cause;
        return;
      case "run-finished":
        return runs({ cause, end: event.end.kind });
      case "stage-finished":
        stages({ stage: event.stage, outcome: event.outcome });
        return stageSeconds({ stage: event.stage }, event.durationMs / 1000);
      case "command-finished":
        commands({ command: event.command, result: event.ended === "exited" ? `${event.code}` : event.ended });
        return commandSeconds({ command: event.command }, event.durationMs / 1000);
      case "cloud-call": {
        const { operation, failure, attempts, throttled = 0, durationMs } = event;
        calls({ operation, result: failure ?? "ok" });
        callSeconds({ operation }, durationMs / 1000);
        if (attempts > 1) retries({ operation }, attempts - 1);
        if (throttled > 0) throttles({ operation }, throttled);
        return;
      }
      case "notice":
        return notices({ code: event.code, level: event.level });
      case "state-changed":
        return states({ state: event.state });
      default:
    }
  };
}
