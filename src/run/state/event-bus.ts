import { reportOf } from "../../domain/errors/errors.ts";
import type { EventBody, EventListener, RunEvent } from "../../domain/run/events.ts";
import { redactAll } from "../../domain/redact/redact.ts";
import { createLineRedactor } from "../../domain/redact/redact-lines.ts";
import type { Clock } from "../../ports/clock.ts";

/** The one stream of events. Stages do not know the listeners, and a failing listener stops no stage. */
export type EventBus = {
  emit(body: EventBody, run?: string): void;
  /** Returns a function that ends it. */
  listen(listener: EventListener): () => void;
};

export function createEventBus(clock: Pick<Clock, "now" | "uptimeMs">): EventBus {
  const listeners = new Set<EventListener>();
  const failed = new WeakSet<EventListener>();

  /** For the output of commands, by stage: a secret may have several lines. */
  const outputs = new Map<string, (line: string) => string>();

  /** Likely secrets are masked for every listener, from every source of events. */
  function redacted(body: EventBody): EventBody {
    if (body.type !== "stage-output") return redactAll(body);
    const redactLine = outputs.get(body.stage) ?? createLineRedactor();
    outputs.set(body.stage, redactLine);
    return { ...body, line: redactLine(body.line) };
  }

  function emit(body: EventBody, run?: string): void {
    const at = clock.now().toISOString();
    const upMs = Math.round(clock.uptimeMs());
    const event: RunEvent = { ...redacted(body), at, upMs, ...(run === undefined ? {} : { run }) };
    const failures: (() => void)[] = [];
    for (const listener of listeners) {
      try {
        listener(event);
      } catch (error) {
        failures.push(() => reportFailure(listener, error, run));
      }
    }
    // After all listeners have had the event itself.
    for (const reportOne of failures) reportOne();
  }

  /** Once for each listener: it may fail at this event too. */
  function reportFailure(listener: EventListener, error: unknown, run: string | undefined): void {
    if (failed.has(listener)) return;
    failed.add(listener);
    const text = `What listens to the events failed: ${reportOf(error).message}`;
    emit({ type: "notice", level: "error", code: "internal", text }, run);
  }

  return {
    emit,
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
