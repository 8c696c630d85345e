import type { EventBody, EventListener, RunEvent } from "../domain/events.ts";
import type { Clock } from "../ports/clock.ts";

/** The one stream of events. No stage knows who listens. */
export type EventBus = {
  emit(body: EventBody, run?: string): void;
  /** Returns how to stop listening. */
  listen(listener: EventListener): () => void;
};

export function createEventBus(clock: Pick<Clock, "now" | "uptimeMs">): EventBus {
  const listeners = new Set<EventListener>();
  return {
    emit(body, run) {
      const at = clock.now().toISOString();
      const upMs = Math.round(clock.uptimeMs());
      const event: RunEvent = { ...body, at, upMs, ...(run === undefined ? {} : { run }) };
      for (const listener of listeners) listener(event);
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
