// No prose steers code: whole lives of an instance are played with the texts that we have, and with every text of every
// error, event, notice, wish and file replaced by random words. All that is not text has to be the same.
import { expect, test, vi } from "vitest";
import { reword, rewordAll, rewordedCount, rewording, withoutWords } from "./reword.ts";
import { lives } from "./lives.ts";

vi.mock(import("../../../src/domain/errors/errors.ts"), async (original) => {
  const real = await original();
  class Reworded extends real.MusterError {
    constructor(details: ConstructorParameters<typeof real.MusterError>[0]) {
      super(rewordAll(details));
    }
  }
  return {
    ...real,
    MusterError: Reworded,
    // A bug is worded there.
    reportOf: (thrown: unknown) => rewordAll(real.reportOf(thrown)),
  };
});

vi.mock(import("../../../src/run/state/event-bus.ts"), async (original) => {
  const real = await original();
  return {
    ...real,
    createEventBus(clock: Parameters<typeof real.createEventBus>[0]) {
      const bus = real.createEventBus(clock);
      return { ...bus, emit: (...[body, run]: Parameters<typeof bus.emit>) => bus.emit(rewordAll(body), run) };
    },
  };
});

vi.mock(import("../../../src/membership/membership.ts"), async (original) => {
  const real = await original();
  return {
    ...real,
    createMembership(deps: Parameters<typeof real.createMembership>[0]) {
      const membership = real.createMembership(deps);
      return {
        ...membership,
        want: (request: Parameters<typeof membership.want>[0]) => membership.want(rewordAll(request)),
      };
    },
  };
});

vi.mock(import("../../../src/daemon/controllers/departures.ts"), async (original) => {
  const real = await original();
  return {
    ...real,
    createDepartures() {
      const departures = real.createDepartures();
      return {
        ...departures,
        report: (...[source, all]: Parameters<typeof departures.report>) =>
          departures.report(
            source,
            all.map((one) => ({ ...one, text: reword(one.text) })),
          ),
      };
    },
  };
});

test.each(Object.keys(lives))("%s: with other words it goes the same way", { timeout: 120_000 }, async (name) => {
  const live = lives[name];
  if (live === undefined) throw new Error("there is such a life");
  const plain = withoutWords(await rewording(undefined, live));
  for (const seed of [1, 2]) {
    const reworded = await rewording(seed, async () => {
      const seen = await live();
      expect(rewordedCount(), "texts that were reworded").toBeGreaterThan(3);
      return seen;
    });
    expect(withoutWords(reworded)).toEqual(plain);
  }
});
