import type { EventBody } from "../../domain/run/events.ts";

/** The audit of requests: the socket of a change, and the request. */
export type AuditEntry = Omit<Extract<EventBody, { readonly type: "control-asked" }>, "type">;

/** For each socket, in a minute: endless requests must not fill the journal. */
const mostInAMinute = 60;
const minuteMs = 60_000;

/** Passes entries on, and replaces too many of one socket in a minute by one that says so. */
export function boundedAudit(
  tell: (entry: AuditEntry) => void,
  monotonicMs: () => number,
): (entry: AuditEntry) => void {
  const counts = new Map<AuditEntry["socket"], { readonly sinceMs: number; count: number }>();
  return (entry) => {
    const nowMs = monotonicMs();
    let known = counts.get(entry.socket);
    if (known === undefined || nowMs - known.sinceMs >= minuteMs) {
      known = { sinceMs: nowMs, count: 0 };
      counts.set(entry.socket, known);
    }
    known.count += 1;
    if (known.count <= mostInAMinute) return tell(entry);
    if (known.count > mostInAMinute + 1) return;
    tell({ socket: entry.socket, request: `more than ${mostInAMinute} requests in a minute: the others are not told` });
  };
}

const longestDetail = 200;

/** Names in one line, cut to the length of a line. */
export function listed(names: readonly string[]): string {
  const text = names.join(", ");
  return text.length <= longestDetail ? text : `${text.slice(0, longestDetail)}…`;
}
