import { expect, test } from "vitest";
import { createPulse } from "../../../../src/adapters/host/pulse.ts";

test("a file that is read is an answer, and one that is not there too", async () => {
  await expect(createPulse("/proc/self/stat").prove()).resolves.toBeUndefined();
  await expect(createPulse("/no/such/file").prove()).resolves.toBeUndefined();
});
