import { Registry } from "./prom-client.ts";
import type { EventListener } from "../../domain/run/events.ts";
import { countEvents } from "./counters.ts";
import { showStatus, type Shown } from "./gauges.ts";

/** Muster's metrics in the text format of Prometheus. */
export type Metrics = {
  readonly contentType: string;
  /** Counts events. */
  readonly onEvent: EventListener;
  /** All metrics, as they are now. */
  readonly text: () => Promise<string>;
};

/**
 * Counters begin at zero with the process, as usual; gauges show the status, which outlives it.
 * @param shown called each time
 */
export function createMetrics(shown: () => Shown): Metrics {
  const registry = new Registry();
  const onEvent = countEvents(registry);
  showStatus(registry, shown);
  return { contentType: registry.contentType, onEvent, text: () => registry.metrics() };
}
