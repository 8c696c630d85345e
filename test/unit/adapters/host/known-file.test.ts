import { mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createKnownFile } from "../../../../src/adapters/host/known-file.ts";

let directory = "";
let file = "";
let understood: string[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "muster-known-"));
  file = join(directory, "a.yaml");
  understood = [];
});
afterEach(() => rmSync(directory, { recursive: true }));

function known() {
  return createKnownFile(file, (text) => {
    understood.push(text);
    if (text === "garbage") throw new Error("garbage");
    return text;
  });
}

/** Long enough ago for its time to tell it from what comes after it. */
async function settle(): Promise<void> {
  await sleep(1_050);
}

test("what has not changed is not understood again", async () => {
  writeFileSync(file, "one");
  await settle();
  const read = known();
  expect([await read(), await read(), await read()]).toEqual(["one", "one", "one"]);
  expect(understood).toEqual(["one"]);
});

test("every change is seen: also two in a moment, of the same length, with the same time, or of another file", async () => {
  const read = known();
  expect(await read()).toBeUndefined();
  const time = new Date("2026-01-01T00:00:00Z");
  for (const text of ["one", "two", "six"]) {
    writeFileSync(file, text);
    utimesSync(file, time, time);
    expect(await read()).toBe(text);
  }
  await settle();
  expect(await read()).toBe("six");
  writeFileSync(`${file}.new`, "ten");
  utimesSync(`${file}.new`, time, time);
  renameSync(`${file}.new`, file);
  expect(await read()).toBe("ten");
  rmSync(file);
  expect(await read()).toBeUndefined();
});

test("what cannot be understood is said each time", async () => {
  writeFileSync(file, "garbage");
  await settle();
  const read = known();
  await expect(read()).rejects.toThrow("garbage");
  await expect(read()).rejects.toThrow("garbage");
});
