import type { Engine, EngineDrift, EngineResult, EngineRun, MusterFact } from "../../src/ports/engine.ts";

/** An engine that does nothing but say that it did. */
export type FakeEngine = Engine<"puppet"> & {
  readonly runs: EngineRun<"puppet">[];
  readonly facts: MusterFact[];
  result: EngineResult;
  /** What comparing finds. */
  drift: EngineDrift;
  /** What happens while it runs; throw for a run that fails. */
  during: (signal: AbortSignal) => Promise<void>;
};

export function createFakeEngine(): FakeEngine {
  const fake: FakeEngine = {
    name: "puppet",
    runs: [],
    facts: [],
    result: {
      changed: true,
      counts: { total: 3, changed: 3, failed: 0, skipped: 0 },
      managed: 3,
      warnings: { count: 0, first: [] },
      seconds: {},
      failures: [],
      log: "/log",
    },
    drift: { drifted: 0, resources: [], changed: 0 },
    during: async () => undefined,
    check: async () => undefined,
    async publishFact(fact) {
      fake.facts.push(fact);
    },
    async compare(_run, context) {
      await fake.during(context.signal);
      return fake.drift;
    },
    async apply(run, context) {
      fake.runs.push(run);
      context.progress("applying the catalogue");
      context.output("Notice: applied");
      await fake.during(context.signal);
      return fake.result;
    },
  };
  return fake;
}
