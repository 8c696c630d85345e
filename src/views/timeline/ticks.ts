/** A place on the time axis. */
export type Tick = { readonly ms: number; readonly text: string };

const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000];

const steps: readonly number[] = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minute),
  ...[1, 2, 3, 6, 12].map((count) => count * hour),
];

/** Round times from 0 to the run's end, at most so many. */
export function ticksOf(durationMs: number, most: number): readonly Tick[] {
  const step = steps.find((ms) => Math.floor(durationMs / ms) < most) ?? Math.ceil(durationMs / most / day) * day;
  return Array.from({ length: Math.floor(durationMs / step) + 1 }, (_, index) => ({
    ms: index * step,
    text: tickText(index * step, step),
  }));
}

function tickText(ms: number, step: number): string {
  if (ms === 0) return "0";
  const [size, unit] = unitOf(step);
  return `${Number((ms / size).toFixed(3))} ${unit}`;
}

function unitOf(step: number): readonly [number, string] {
  if (step >= day) return [day, "d"];
  if (step >= hour) return [hour, "h"];
  if (step >= minute) return [minute, "min"];
  return step >= 10 ? [second, "s"] : [1, "ms"];
}
