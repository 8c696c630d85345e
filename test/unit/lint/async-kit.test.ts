// Waiting between attempts, jitter, queues, deadlines, races and memories of reports are made by src/lib/async alone.
import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";

const repository = resolve(import.meta.dirname, "../../..");

/** What a hand-made copy looks like, and which part of the kit takes its place. */
const copies: readonly {
  readonly what: string;
  readonly pattern: RegExp;
  readonly kit: string;
  /** Files that may, and why. */
  readonly except?: Readonly<Record<string, string>>;
}[] = [
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
  {
    what: "timer that settles a promise",
    pattern: /setTimeout\(\(\) => (\w+\.)?(resolve|reject|abort)\(/,
    kit: "answerWithin of deadline.ts",
  },
  {
    what: "race",
    pattern: /Promise\.race\(/,
    kit: "first.ts, deadline.ts or abortable.ts",
    except: {
      "src/daemon/daemon.ts": "the end of the daemon and a reload end the same work for different reasons",
      "src/adapters/host/command-bounds.ts":
        "a command that does not end in time is left to the kernel, and not waited for",
    },
  },
  {
    what: "sleep that becomes a result",
    pattern: /\bsleep\(.*\)\.then\(\(\) => "/,
    kit: "deadline.ts",
  },
  {
    what: "memory of the last report",
    pattern:
      /\blet (said|told|reported|warned)\b.*(: string|undefined)|(text|message|key|code) (!==|===) (said|told|last)\b/,
    kit: "report.ts",
  },
];

test.each(copies)("no $what outside the kit: $kit has it", ({ pattern, except = {} }) => {
  const found = globSync("src/**/*.ts", { cwd: repository })
    .filter((file) => !file.startsWith("src/lib/async/") && except[file] === undefined)
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
  ["timer that settles a promise", "const timer = setTimeout(() => over.resolve(false), ms);"],
  ["race", "return await Promise.race([work, over.promise]);"],
  ["sleep that becomes a result", 'const deadline = clock.sleep(deadlineMs, signal).then(() => "deadline" as const);'],
  ["memory of the last report", "let said: string | undefined;"],
  ["memory of the last report", "for (let told: string | undefined; ;) {"],
  ["memory of the last report", "if (text !== undefined && text !== told) context.waiting(text);"],
])("a planted %s is found", (what, line) => {
  expect(copies.find((copy) => copy.what === what)?.pattern.test(line)).toBe(true);
});

test("every exception still needs to be one", () => {
  const idle = copies.flatMap(({ pattern, except = {} }) =>
    Object.keys(except).filter((file) => !pattern.test(readFileSync(resolve(repository, file), "utf8"))),
  );
  expect(idle).toEqual([]);
});
