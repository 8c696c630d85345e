import type { AwsDeps } from "./call.ts";

/** How long an account counts as short of requests after a call was throttled, in milliseconds. */
const shortMs = 60_000;

/** Whether calls of one API were throttled of late, also those that went through in the end. */
export type Throttles = {
  /** For the client whose calls are watched. */
  readonly deps: AwsDeps;
  areRecent(): boolean;
};

export function watchThrottles(deps: AwsDeps): Throttles {
  let lastMs = -Infinity;
  return {
    deps: {
      ...deps,
      onCall(call) {
        if (call.throttled !== undefined) lastMs = deps.monotonicMs();
        deps.onCall(call);
      },
    },
    areRecent: () => deps.monotonicMs() - lastMs < shortMs,
  };
}
