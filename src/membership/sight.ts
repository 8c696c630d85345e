import type { MusterError } from "../domain/errors.ts";
import type { Wish } from "../domain/membership.ts";
import type { MembershipStage } from "../domain/run.ts";
import { observe } from "./observe.ts";
import type { MembershipPorts, View } from "./observe.ts";
import type { Observed } from "./plan.ts";

/** What is known of the world; looked at again only where something was done, waited for, or failed. */
export type Sight = {
  /** Looks at these stages, those that are fresh apart. @throws the signal's reason */
  look(stages: readonly MembershipStage[], signal: AbortSignal): Promise<void>;
  observed(): Observed;
  /** Whether a stage was looked at, and all of it seen. */
  seen(stage: MembershipStage): boolean;
  failures(): View["failures"];
  /** Former places that were found to be no more. */
  gone(): View["gone"];
  stale(stage: MembershipStage): void;
};

export function createSight(wish: Wish, ports: MembershipPorts): Sight {
  let observed: Observed = { targets: [], records: [], tags: {} };
  const gone = new Map<string, MusterError>();
  const fresh = new Set<MembershipStage>();
  const failures = new Map<MembershipStage, unknown>();
  return {
    async look(stages, signal) {
      const wanted = new Set(stages.filter((stage) => !fresh.has(stage)));
      if (wanted.size === 0) return;
      const view = await observe(wish, ports, wanted, signal);
      observed = {
        targets: wanted.has("register") ? view.observed.targets : observed.targets,
        records: wanted.has("dns") ? view.observed.records : observed.records,
        tags: wanted.has("tags") ? view.observed.tags : observed.tags,
      };
      for (const error of view.gone) gone.set(error.message, error);
      for (const stage of wanted) {
        failures.delete(stage);
        if (view.failures.has(stage)) failures.set(stage, view.failures.get(stage));
        else fresh.add(stage);
      }
    },
    observed: () => observed,
    seen: (stage) => fresh.has(stage),
    failures: () => failures,
    gone: () => [...gone.values()],
    stale(stage) {
      fresh.delete(stage);
      failures.delete(stage);
    },
  };
}
