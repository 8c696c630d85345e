import type { EventBody, EventListener, RunEvent } from "../domain/events.ts";

/** The one stream of events. No stage knows who listens. */
export type EventBus = {
  emit(body: EventBody, run?: string): void;
  /** Returns how to stop listening. */
  listen(listener: EventListener): () => void;
};

export function createEventBus(now: () => Date): EventBus {
  const listeners = new Set<EventListener>();
  return {
    emit(body, run) {
      const event: RunEvent = { ...body, at: now().toISOString(), ...(run === undefined ? {} : { run }) };
      for (const listener of listeners) listener(event);
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
