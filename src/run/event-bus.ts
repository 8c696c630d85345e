import { reportOf } from "../domain/errors.ts";
import type { EventBody, EventListener, RunEvent } from "../domain/events.ts";
import { redactAll } from "../domain/redact.ts";
import { createLineRedactor } from "../domain/redact-lines.ts";
import type { Clock } from "../ports/clock.ts";

/** The one stream of events. No stage knows who listens, and none is stopped by a listener that fails. */
export type EventBus = {
  emit(body: EventBody, run?: string): void;
  /** Returns how to stop listening. */
  listen(listener: EventListener): () => void;
};

export function createEventBus(clock: Pick<Clock, "now" | "uptimeMs">): EventBus {
  const listeners = new Set<EventListener>();
  const failed = new WeakSet<EventListener>();

  /** Of what commands print, by stage: a secret may have several lines. */
  const outputs = new Map<string, (line: string) => string>();

  /** No listener gets what looks like a secret, from any source of events. */
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
    // After everybody has heard of the event itself.
    for (const reportOne of failures) reportOne();
  }

  /** Once a listener: it may fail at this event too. */
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
