import type { CloudCall, CommandNews } from "../domain/run/events.ts";

/** The external calls that a watch hears of. */
export type WatchNews = CommandNews | ({ readonly type: "cloud-call" } & CloudCall);

/** Reports the external commands and cloud calls of a piece of work, which need not know of it. */
export interface CommandWatch {
  /**
   * Calls `hear` for every command and cloud call of `work`, direct or indirect, also while other work runs beside it.
   * `hear` must not throw and must not block.
   */
  during<T>(hear: (news: WatchNews) => void, work: () => Promise<T>): Promise<T>;
}
