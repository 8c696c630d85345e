/** Lets the same report through once: a lasting failure is not reported at every interval. */
export type ReportGate<Key> = {
  /** Whether this differs from the report before it. `undefined` is "nothing to report" and opens the gate again. */
  isNew(key: Key | undefined): boolean;
};

/**
 * Remembers the last report only: a failure that comes back after another one is reported again.
 * @param last what counts as reported from the beginning
 */
export function createReportGate<Key>(last?: Key): ReportGate<Key> {
  return {
    isNew(key) {
      const differs = key !== last;
      last = key;
      return differs && key !== undefined;
    },
  };
}

/** Which differences between two reports are worth another one. */
export type Pace<Report> = {
  /** A difference that is reported at once; the first report always is. */
  matters(before: Report, now: Report): boolean;
  /** A difference that is reported too, but no more often than every `everyMs`. */
  differs(before: Report, now: Report): boolean;
  readonly everyMs: number;
};

/** Remembers the last report, and when it was made: small changes wait until it is old enough. */
export function createPacedGate<Report>(pace: Pace<Report>, nowMs: () => number): ReportGate<Report> {
  let last: { readonly report: Report; readonly atMs: number } | undefined;
  return {
    isNew(report) {
      if (report === undefined) {
        last = undefined;
        return false;
      }
      const atMs = nowMs();
      if (last !== undefined && !pace.matters(last.report, report)) {
        if (atMs - last.atMs < pace.everyMs || !pace.differs(last.report, report)) return false;
      }
      last = { report, atMs };
      return true;
    },
  };
}

/** Remembers every report: each key passes once for as long as the gate lives. */
export function createOnceGate<Key>(): ReportGate<Key> {
  const passed = new Set<Key>();
  return {
    isNew(key) {
      if (key === undefined || passed.has(key)) return false;
      passed.add(key);
      return true;
    },
  };
}
