// The used parts of prom-client: its own entry also loads a push gateway, a cluster and histograms, which cost the idle
// daemon 2 MB of memory.
export { default as Counter } from "prom-client/lib/counter.js";
export { default as Gauge } from "prom-client/lib/gauge.js";
export { default as Registry } from "prom-client/lib/registry.js";
