import { expect, test } from "vitest";
import { decisiveLine } from "../../../../src/domain/errors/decisive-line.ts";

test.each([
  [
    "Cloning into 'x'...\nLoad key \"/root/.ssh/id\": error in libcrypto\ngit@host: Permission denied (publickey).\nfatal: Could not read from remote repository.",
    'Load key "/root/.ssh/id": error in libcrypto',
  ],
  [
    "Reading package lists...\nE: Unable to locate package nosuch\nE: Sub-process /usr/bin/dpkg returned an error code (1)",
    "E: Unable to locate package nosuch",
  ],
  [
    'Traceback (most recent call last):\n  File "x", line 1\nModuleNotFoundError: No module named y',
    "ModuleNotFoundError: No module named y",
  ],
  ["one\n  two  \n\n", "two"],
  ["", undefined],
])("%s", (output, line) => {
  expect(decisiveLine(output.split("\n"))).toBe(line);
});
