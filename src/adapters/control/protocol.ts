import type { MusterErrorDetails } from "../../domain/errors/errors.ts";
import type { RunEvent } from "../../domain/run/events.ts";
import type { RunEnd } from "../../domain/run/run.ts";

/** The control socket speaks HTTP; answers that take time are JSON lines, the last of which is the outcome. */
export const routes = {
  status: "/v1/status",
  /** The settings in force. */
  settings: "/v1/settings",
  events: "/v1/events",
  runs: "/v1/runs",
  cancel: "/v1/cancel",
  membership: "/v1/membership",
  pause: "/v1/pause",
  tags: "/v1/tags",
  addTags: "/v1/tags/add",
  removeTags: "/v1/tags/remove",
  findTags: "/v1/tags/find",
  /** 200 in service, 503 in every other state, which is the text. */
  health: "/healthz",
  metrics: "/metrics",
} as const;

/** One line of a streamed answer. */
export type Line = { readonly event: RunEvent } | { readonly end: RunEnd } | { readonly error: MusterErrorDetails };

/** An answer that is not streamed, and may be an error. */
export type Outcome = { readonly value: unknown } | { readonly error: MusterErrorDetails };
