import type { RunEvent } from "../../src/domain/run/events.ts";
import type { Recordings } from "../../src/domain/run/recording.ts";

/** Recordings in memory: the runs and their events as `runs` has them at each moment. */
export function createFakeRecordings(
  runs: () => ReadonlyMap<string, readonly RunEvent[]>,
  unreadable: () => number = () => 0,
): Recordings {
  return {
    runs: async () => [...runs().keys()],
    open(run, only) {
      let told = 0;
      return {
        async *events() {
          for (const event of (runs().get(run) ?? []).slice(told)) {
            told += 1;
            if (only?.includes(event.type) !== false) yield event;
          }
        },
        unreadable,
      };
    },
  };
}
