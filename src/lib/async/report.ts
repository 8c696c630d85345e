/** Lets the same report through once: a trouble that lasts is not worth a line at every look. */
export type ReportGate<Key> = {
  /** Whether this differs from the report before it. `undefined` is "nothing to report" and opens the gate again. */
  isNew(key: Key | undefined): boolean;
};

/** Remembers the last report alone: a trouble that comes back after another one is reported again. */
export function createReportGate<Key>(): ReportGate<Key> {
  let last: Key | undefined;
  return {
    isNew(key) {
      const differs = key !== last;
      last = key;
      return differs && key !== undefined;
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
