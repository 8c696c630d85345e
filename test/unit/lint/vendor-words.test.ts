// The words of Auto Scaling end in src/adapters/aws: everywhere else a state is a GroupState of ports/lifecycle.ts.
import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";

const repository = resolve(import.meta.dirname, "../../..");

/** A lifecycle state, hook result or health status as a string or regular expression of its own, and names of its API. */
const vendorWord =
  /(["'`/^|(])(Pending|InService|EnteringStandby|Standby|Terminating|Terminated|Warmed|Detaching|Detached|CONTINUE|ABANDON|Unhealthy)(["'`/$|:)]|\(\?)|autoscaling:|EC2_INSTANCE_/;

/** Pages that users read: they show commands of the cloud. */
const texts = /^src\/(cli\/)?error-pages\//;

test("no word of Auto Scaling is compared or sent outside the adapter of AWS", () => {
  const found = globSync("src/**/*.ts", { cwd: repository })
    .filter((file) => !file.startsWith("src/adapters/aws/") && !texts.test(file))
    .flatMap((file) =>
      readFileSync(resolve(repository, file), "utf8")
        .split("\n")
        .flatMap((line, at) => (vendorWord.test(line) ? [`${file}:${at + 1}: ${line.trim()}`] : [])),
    );
  expect(found).toEqual([]);
});

test.each([
  'if (state === "Pending:Wait") return;',
  'if (group.state === "InService") return;',
  "return /^Terminating/.test(state);",
  "const isStandby = /^(Entering)?(Standby|EnteringStandby)$/.test(state);",
  'await lifecycle.complete(group, hook, "CONTINUE", signal);',
  'if (transition === "autoscaling:EC2_INSTANCE_LAUNCHING") return;',
])("a planted one is found: %s", (line) => {
  expect(vendorWord.test(line)).toBe(true);
});

test.each([
  "text: `Completed ${hooks} with ABANDON: the instance is replaced`,",
  "  /** Whether Auto Scaling keeps the instance in standby. */",
])("a sentence for users or readers is none: %s", (line) => {
  expect(vendorWord.test(line)).toBe(false);
});
