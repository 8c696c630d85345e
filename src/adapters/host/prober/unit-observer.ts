import { setImmediate } from "node:timers";
import { programs } from "../../../domain/settings/paths.ts";
import { abortable } from "../../../lib/async/abortable.ts";
import { exec } from "../exec.ts";
import { excerpt, type Seen } from "./seen.ts";
import { seenIn } from "./unit.ts";

/** Observes one unit. */
export type ObserveUnit = (unit: string, timeoutMs: number, signal: AbortSignal) => Promise<Seen>;

/** Runs `systemctl show` with these units. */
type Show = (units: readonly string[], timeoutMs: number, signal: AbortSignal) => Promise<Shown>;

type Shown = {
  readonly outcome: string;
  readonly code?: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
};

/** A round asks for every unit at the same moment; a longer command line is divided. */
const mostUnits = 500;

/**
 * Observes units: those that are asked for at the same moment are asked of systemd by one `systemctl`, however many the
 * role has.
 */
export function createUnitObserver(show: Show = showUnits): ObserveUnit {
  let gathering: Gathering | undefined;

  function gather(): Gathering {
    const opened = createGathering(show);
    gathering = opened;
    // The checks of a round are begun together, and timers that are due together come before this.
    setImmediate(() => {
      if (gathering === opened) gathering = undefined;
      opened.ask();
    });
    return opened;
  }

  return async (unit, timeoutMs, signal) => {
    signal.throwIfAborted();
    const joined = gathering !== undefined && !gathering.isFull() ? gathering : gather();
    return abortable(joined.look(unit, timeoutMs, signal), signal);
  };
}

type Gathering = {
  isFull(): boolean;
  look(unit: string, timeoutMs: number, signal: AbortSignal): Promise<Seen>;
  /** Asks systemd; nothing joins any more. */
  ask(): void;
};

function createGathering(show: Show): Gathering {
  const units = new Set<string>();
  const waiting: AbortSignal[] = [];
  const answer = Promise.withResolvers<ReadonlyMap<string, Seen>>();
  const stop = new AbortController();
  let longestMs = 0;

  /** Ends the command when no check waits for it any more. */
  function leave(): void {
    if (waiting.every(({ aborted }) => aborted)) stop.abort(waiting[0]?.reason);
  }

  return {
    isFull: () => units.size >= mostUnits,
    async look(unit, timeoutMs, signal) {
      units.add(unit);
      waiting.push(signal);
      signal.addEventListener("abort", leave, { once: true });
      longestMs = Math.max(longestMs, timeoutMs);
      try {
        const seen = (await answer.promise).get(unit);
        return seen ?? { ok: false, seen: "no answer of systemd" };
      } finally {
        signal.removeEventListener("abort", leave);
      }
    },
    ask() {
      answer.resolve(answersOf([...units], (asked) => show(asked, longestMs, stop.signal)));
    },
  };
}

/** What each unit is. One that systemd refuses to name would cost the others their answers: each is then asked for alone. */
async function answersOf(
  units: readonly string[],
  ask: (units: readonly string[]) => Promise<Shown>,
): Promise<ReadonlyMap<string, Seen>> {
  const shown = await ask(units);
  const parts = shown.stdout.trim().split(/\n{2,}/);
  if (shown.outcome === "exited" && shown.code === 0 && parts.length === units.length) {
    return new Map(units.map((unit, at) => [unit, seenIn(parts[at] ?? "")]));
  }
  if (units.length === 1 || shown.outcome !== "exited") {
    const seen = `no answer of systemd: ${excerpt(shown.stderr) || shown.outcome}`;
    return new Map(units.map((unit) => [unit, { ok: false, seen }]));
  }
  const alone = await Promise.all(units.map((unit) => answersOf([unit], ask)));
  return new Map(alone.flatMap((answers) => [...answers]));
}

function showUnits(units: readonly string[], timeoutMs: number, signal: AbortSignal): Promise<Shown> {
  return exec({
    argv: [programs.systemctl, "show", "--property=LoadState,ActiveState,SubState,Result", "--", ...units],
    timeoutMs,
    signal,
  });
}
