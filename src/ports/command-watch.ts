import type { CloudCall, CommandNews } from "../domain/events.ts";

/** What is heard of the outside while work goes on. */
export type WatchNews = CommandNews | ({ readonly type: "cloud-call" } & CloudCall);

/** Tells which external commands and cloud calls a piece of work makes, without its knowing. */
export interface CommandWatch {
  /**
   * Calls `hear` for every command and cloud call that `work` makes, itself or through whatever it calls, also when
   * other work goes on beside it. `hear` must not throw and must not block.
   */
  during<T>(hear: (news: WatchNews) => void, work: () => Promise<T>): Promise<T>;
}
