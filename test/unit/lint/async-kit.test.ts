// Waiting between attempts, jitter, queues and deadlines are made by src/lib/async alone.
import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";

const repository = resolve(import.meta.dirname, "../../..");

/** What a hand-made copy looks like, and which part of the kit takes its place. */
const copies: readonly { readonly what: string; readonly pattern: RegExp; readonly kit: string }[] = [
  { what: "exponential wait", pattern: /\b(firstMs|baseMs)\b.*\* 2 \*\*/, kit: "backoff.ts" },
  { what: "jitter", pattern: /random\(\) \/|\d \+ [\w.]*random\(\)/, kit: "periodic.ts or backoff.ts" },
  {
    what: "promise chain as a queue",
    pattern: /\b(\w+) = \1\s*\.then\(|\b(last|before|tail|queue)\.then\(/,
    kit: "serial.ts",
  },
  {
    what: "sleep that aborts a controller",
    pattern: /\(\) => \w+\.abort\(new Error\("no time left/,
    kit: "deadline.ts",
  },
];

test.each(copies)("no $what outside the kit: $kit has it", ({ pattern }) => {
  const found = globSync("src/**/*.ts", { cwd: repository })
    .filter((file) => !file.startsWith("src/lib/async/"))
    .flatMap((file) =>
      readFileSync(resolve(repository, file), "utf8")
        .split("\n")
        .flatMap((line, at) => (pattern.test(line) ? [`${file}:${at + 1}: ${line.trim()}`] : [])),
    );
  expect(found).toEqual([]);
});

test.each([
  ["exponential wait", "const cap = firstMs * 2 ** attempt;"],
  ["jitter", "await clock.sleep(pollMs * (0.75 + clock.random() / 2), signal);"],
  ["promise chain as a queue", "last = last.then(() => write());"],
  ["sleep that aborts a controller", '() => over.abort(new Error("no time left")),'],
])("a planted %s is found", (what, line) => {
  expect(copies.find((copy) => copy.what === what)?.pattern.test(line)).toBe(true);
});
