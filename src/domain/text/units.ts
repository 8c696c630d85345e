/** Parses amounts in settings and catalogue, as people write them. Pure; `undefined` if the text is no such amount. */

const durationUnits: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const sizeUnits: Readonly<Record<string, number>> = {
  B: 1,
  K: 1024,
  KiB: 1024,
  M: 1024 ** 2,
  MiB: 1024 ** 2,
  G: 1024 ** 3,
  GiB: 1024 ** 3,
  T: 1024 ** 4,
  TiB: 1024 ** 4,
};

/** `90s`, `5m`, `1h30m` in milliseconds. */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d+(ms|s|m|h|d))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(?<!\d)(\d+)(ms|s|m|h|d)/g)) {
    total += Number(amount) * (durationUnits[unit ?? ""] ?? 0);
  }
  return Number.isSafeInteger(total) ? total : undefined;
}

/** `512M`, `10GiB`, `1024B` in bytes. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(B|K|KiB|M|MiB|G|GiB|T|TiB)$/.exec(text);
  if (match === null) return undefined;
  const bytes = Math.round(Number(match[1]) * (sizeUnits[match[2] ?? ""] ?? 0));
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** `10%` as 10; from 0 to 100. */
export function parsePercent(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)%$/.exec(text);
  if (match === null) return undefined;
  const percent = Number(match[1]);
  return percent <= 100 ? percent : undefined;
}

/** A duration as people read it: `45 ms`, `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  if (ms < 99.5) return `${Math.round(Math.max(0, ms))} ms`;
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}

/** How long ago, in the largest unit alone: `just now`, `42 s ago`, `3 min ago`; a negative time lies ahead: `in 25 s`. */
export function formatAgo(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 1000);
  if (seconds === 0) return "just now";
  const [size, unit] = agoUnits.find(([least]) => seconds >= least) ?? agoUnits[3];
  const amount = `${Math.floor(seconds / size)} ${unit}`;
  return ms < 0 ? `in ${amount}` : `${amount} ago`;
}

const agoUnits = [
  [86_400, "d"],
  [3600, "h"],
  [60, "min"],
  [1, "s"],
] as const;

/** A size as people read it: `512 B`, `1.5 GiB`. */
export function formatSize(bytes: number): string {
  const names = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let index = 0;
  // A value that rounds to 1024 of a unit is 1 of the next.
  while (value >= 1023.5 && index < names.length - 1) {
    value /= 1024;
    index += 1;
  }
  const shown = index === 0 || value >= 100 ? Math.round(value).toString() : value.toFixed(1);
  return `${shown} ${names[index] ?? "B"}`;
}
