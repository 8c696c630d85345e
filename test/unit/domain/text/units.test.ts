import { expect, test } from "vitest";
import { formatAgo, formatDuration, formatSize, parseDuration } from "../../../../src/domain/text/units.ts";

const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000];

test.each([
  [0, "0 ms"],
  [-5, "0 ms"],
  [45.4, "45 ms"],
  [99.6, "0.1 s"],
  [420, "0.4 s"],
  [9949, "9.9 s"],
  [9951, "10 s"],
  [59_499, "59 s"],
  [59_500, "1 min"],
  [3 * minute + 20 * second, "3 min 20 s"],
  [hour - 1, "1 h"],
  [2 * hour + 5 * minute, "2 h 5 min"],
  [day - 1, "1 d"],
  [3 * day + 4 * hour, "3 d 4 h"],
  [400 * day, "400 d"],
])("%d ms is %s", (ms, text) => expect(formatDuration(ms)).toBe(text));

test.each([
  [0, "just now"],
  [499, "just now"],
  [42 * second, "42 s ago"],
  [minute - 400, "1 min ago"],
  [3 * minute + 59 * second, "3 min ago"],
  [25 * hour, "1 d ago"],
  [-25 * second, "in 25 s"],
  [-9 * minute, "in 9 min"],
])("%d ms back is %s", (ms, text) => expect(formatAgo(ms)).toBe(text));

test.each([
  [0, "0 B"],
  [512, "512 B"],
  [1023, "1023 B"],
  [1536, "1.5 KiB"],
  [1024 ** 2 - 1, "1.0 MiB"],
  [480 * 1024 ** 2, "480 MiB"],
  [3 * 1024 ** 5, "3072 TiB"],
])("%d bytes are %s", (bytes, text) => expect(formatSize(bytes)).toBe(text));

test("what people write as a duration is read", () => {
  expect(parseDuration("1h30m")).toBe(90 * minute);
  expect(parseDuration("2d")).toBe(2 * day);
  expect(parseDuration("soon")).toBeUndefined();
});
