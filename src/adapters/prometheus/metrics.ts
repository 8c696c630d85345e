import { Registry } from "./prom-client.ts";
import type { EventListener } from "../../domain/events.ts";
import { countEvents } from "./counters.ts";
import { showStatus, type Shown } from "./gauges.ts";

/** What muster tells monitoring, in the text format of Prometheus. */
export type Metrics = {
  readonly contentType: string;
  /** Counts what happens. */
  readonly onEvent: EventListener;
  /** Everything, as it is now. */
  readonly text: () => Promise<string>;
};

/**
 * Counters begin at zero with the process, as is usual; gauges tell the status, which outlives it.
 * @param shown asked anew each time
 */
export function createMetrics(shown: () => Shown): Metrics {
  const registry = new Registry();
  const onEvent = countEvents(registry);
  showStatus(registry, shown);
  return { contentType: registry.contentType, onEvent, text: () => registry.metrics() };
}
