import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { groupNumber } from "../../../../src/adapters/host/group.ts";

const directory = mkdtempSync(join(tmpdir(), "muster-group-"));
const file = join(directory, "group");
writeFileSync(file, "root:x:0:\nmuster-not:x:7:\nmuster:x:994:alice,bob\nbroken:x\nodd:x:12a:\n");
afterAll(() => rmSync(directory, { recursive: true }));

test.each([
  ["muster", 994],
  ["root", 0],
  ["must", undefined],
  ["broken", undefined],
  ["odd", undefined],
])("the group %s is number %s", async (name, number) => {
  expect(await groupNumber(name, file)).toBe(number);
});
