import type { AwsDeps } from "./call.ts";
import type { Route53 } from "./services.ts";

/** "Changes generally propagate within 60 seconds" (Route 53 API Reference, ChangeResourceRecordSets). */
const longestMs = 60_000;

/** Between two questions about one change, in milliseconds: five requests a second are for a whole account. */
const askEveryMs = 3_000;

/** Which names have a change that some servers of the zone may not have taken over yet. */
export type Spread = {
  /** A batch with this change id was taken for these names. */
  begin(change: string | undefined, zoneId: string, names: readonly string[]): void;
  /** Those of the names that are still under way. What cannot be asked is taken as such for as long as it may last. */
  ofNames(zoneId: string, names: readonly string[], signal: AbortSignal): Promise<ReadonlySet<string>>;
};

type Change = { readonly id: string; readonly beganMs: number; askedMs: number };

export function createSpread(deps: Pick<AwsDeps, "monotonicMs">, api: Route53): Spread {
  const changes = new Map<string, Change>();

  async function isOver(change: Change, signal: AbortSignal): Promise<boolean> {
    const now = deps.monotonicMs();
    if (now - change.beganMs >= longestMs) return true;
    if (now - change.askedMs < askEveryMs) return false;
    change.askedMs = now;
    try {
      const answer = await api.call((sdk) => new sdk.GetChangeCommand({ Id: change.id }), signal);
      return answer.ChangeInfo?.Status === "INSYNC";
    } catch {
      signal.throwIfAborted();
      return false;
    }
  }

  return {
    begin(id, zoneId, names) {
      if (id === undefined) return;
      const change: Change = { id, beganMs: deps.monotonicMs(), askedMs: -Infinity };
      for (const name of names) changes.set(`${zoneId} ${name}`, change);
    },
    async ofNames(zoneId, names, signal) {
      const under = new Set<string>();
      for (const name of names) {
        const change = changes.get(`${zoneId} ${name}`);
        if (change === undefined) continue;
        if (await isOver(change, signal)) changes.delete(`${zoneId} ${name}`);
        else under.add(name);
      }
      return under;
    },
  };
}
