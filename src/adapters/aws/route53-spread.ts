import type { AwsDeps } from "./call.ts";
import type { Route53 } from "./services.ts";

/** "Changes generally propagate within 60 seconds" (Route 53 API Reference, ChangeResourceRecordSets). */
const longestMs = 60_000;

/** Between two requests about one change, in milliseconds: a whole account has five requests a second. */
const askEveryMs = 3_000;

/** The names with a change that some servers of the zone may not have yet. */
export type Spread = {
  /** A batch with this change id was accepted for these names. */
  begin(
    change: string | undefined,
    zone: { readonly zoneId: string; readonly api: Route53 },
    names: readonly string[],
  ): void;
  /** The names that are still under way. Without an answer, a change counts as under way for the longest usual time. */
  ofNames(zoneId: string, names: readonly string[], signal: AbortSignal): Promise<ReadonlySet<string>>;
};

type Change = { readonly id: string; readonly api: Route53; readonly beganMs: number; askedMs: number };

export function createSpread(deps: Pick<AwsDeps, "monotonicMs">): Spread {
  const changes = new Map<string, Change>();

  async function isOver(change: Change, signal: AbortSignal): Promise<boolean> {
    const now = deps.monotonicMs();
    if (now - change.beganMs >= longestMs) return true;
    if (now - change.askedMs < askEveryMs) return false;
    change.askedMs = now;
    try {
      const answer = await change.api.call((sdk) => new sdk.GetChangeCommand({ Id: change.id }), signal);
      return answer.ChangeInfo?.Status === "INSYNC";
    } catch {
      signal.throwIfAborted();
      return false;
    }
  }

  return {
    begin(id, { zoneId, api }, names) {
      if (id === undefined) return;
      const change: Change = { id, api, beganMs: deps.monotonicMs(), askedMs: -Infinity };
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
