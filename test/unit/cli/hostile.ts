// What somebody else may have written: values that steer a terminal, and JSON that was changed in a few places.
import * as fc from "fast-check";

/** How many inputs a property tries: few with the tests, a million with MUSTER_FUZZ_RUNS=1000000. */
export function tries(usual: number): { readonly numRuns: number } {
  const asked = Number(process.env["MUSTER_FUZZ_RUNS"] ?? "");
  return { numRuns: Number.isSafeInteger(asked) && asked > 0 ? asked : usual };
}

const nasty = [
  "\u001b[2J\u001b[H",
  "\u001b]0;title\u0007",
  "\u009b31m",
  "\u202Eevil",
  "\u200f\u2066x",
  "a\r\nmuster: all is well\n",
  "\0",
  "\u2028",
  "\ud800",
  "__proto__",
  "constructor",
  "toString",
  "",
  "9999-99-99T99:99:99Z",
  "+275760-09-13T00:00:00.000Z",
  "-000001-01-01T00:00:00Z",
  "0001-01-01T00:00:00Z",
  "0001-abcd",
  "x".repeat(5000),
] as const;

export const hostileText = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...nasty) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...nasty), fc.constantFrom(...nasty)).map((two) => two.join("")) },
);

const hostileNumber = fc.constantFrom(
  -1,
  0,
  0.5,
  1e14,
  1e15,
  1e300,
  -1e300,
  Number.MAX_SAFE_INTEGER,
  253_402_300_799_999,
);

const hostileValue = fc.oneof(
  hostileText,
  hostileNumber,
  fc.boolean(),
  fc.constant(null),
  fc.constant([]),
  fc.constant({}),
  fc.array(hostileText, { maxLength: 3 }),
  fc.dictionary(hostileText, hostileText, { maxKeys: 3 }),
  fc.jsonValue({ maxDepth: 3 }),
);

type Change = { readonly at: number; readonly how: "set" | "drop" | "add"; readonly value: unknown };

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(),
  how: fc.constantFrom("set", "set", "set", "drop", "add"),
  value: hostileValue,
});

/** JSON texts: any of these values with a few places changed, or that text torn. */
export function changedJson(values: readonly unknown[]): fc.Arbitrary<string> {
  const changed = fc
    .tuple(fc.constantFrom(...values.map((value) => JSON.stringify(value))), fc.array(change, { maxLength: 4 }))
    .map(([text, changes]) =>
      JSON.stringify(changes.reduce(apply, JSON.parse(text) as unknown)).replaceAll("1e+300", "1e999"),
    );
  const torn = fc
    .tuple(changed, fc.nat(), hostileText)
    .map(([text, at, more]) => text.slice(0, at % (text.length + 1)) + more);
  return fc.oneof(
    { weight: 8, arbitrary: changed },
    { weight: 1, arbitrary: torn },
    { weight: 1, arbitrary: hostileText },
  );
}

function apply(value: unknown, { at, how, value: wanted }: Change): unknown {
  const places = placesIn(value);
  const place = places[at % places.length];
  if (place === undefined) return wanted;
  const [parent, key] = place;
  if (how === "drop") Reflect.deleteProperty(parent, key);
  else
    Reflect.defineProperty(parent, how === "add" ? `${key}x` : key, {
      value: wanted,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  return value;
}

function placesIn(value: unknown): readonly (readonly [object, string])[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [[value, key] as const, ...placesIn(inner)]);
}

/** Whether a text would move the cursor, or the direction of writing; line ends do not. */
export function steers(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/.test(text);
}
