import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { answerOn, callOn, isHung } from "../../../../src/adapters/host/path-calls.ts";

const { signal } = new AbortController();
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "muster-path-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function shell(script: string, timeoutMs: number) {
  return { argv: ["sh", "-c", script], timeoutMs, signal } as const;
}

test("a call that hangs and does not die is not waited for, and no other is started on its path meanwhile", async () => {
  const mark = join(root, "started");
  // As a process that waits for a disk: it takes no notice of the signal.
  const hangs = shell("trap '' TERM; sleep 1.5", 100);
  const begun = performance.now();
  expect(await callOn("/mnt/nas", hangs)).toMatchObject({ outcome: "timed-out" });
  expect(performance.now() - begun).toBeLessThan(1_000);
  expect(await callOn("/mnt/nas", shell(`touch ${mark}`, 200))).toMatchObject({ outcome: "timed-out" });
  expect(existsSync(mark)).toBe(false);
  // Another path is another matter.
  expect(await callOn("/mnt/other", shell("true", 5_000))).toMatchObject({ outcome: "exited", code: 0 });
  // As soon as the process is gone the path is looked at again.
  expect(await callOn("/mnt/nas", shell(`touch ${mark}`, 10_000))).toMatchObject({ outcome: "exited", code: 0 });
  expect(existsSync(mark)).toBe(true);
});

test("a call is out until what it started is gone too", async () => {
  const mark = join(root, "started");
  const parent = shell("(trap '' TERM; sleep 1.5) & wait", 100);
  expect(await callOn("/mnt/tree", parent)).toMatchObject({ outcome: "timed-out" });
  expect(await callOn("/mnt/tree", shell(`touch ${mark}`, 300))).toMatchObject({ outcome: "timed-out" });
  expect(existsSync(mark)).toBe(false);
});

test("calls on one path take turns, and all are made", async () => {
  const file = join(root, "turns");
  const script = `mkdir ${file} && sleep 0.05 && rmdir ${file}`;
  const made = await Promise.all([1, 2, 3, 4].map(() => callOn(file, shell(script, 20_000))));
  expect(made.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
});

test("who waits for a path that hangs can be told to stop", async () => {
  const over = new AbortController();
  void callOn("/mnt/slow", shell("trap '' TERM; sleep 1", 50));
  const waiting = callOn("/mnt/slow", { argv: ["true"], timeoutMs: 60_000, signal: over.signal });
  const reason = new Error("enough");
  over.abort(reason);
  await expect(waiting).rejects.toBe(reason);
});

test("what a program says becomes the error that the call would have", async () => {
  const limits = { timeoutMs: 5_000, signal };
  await expect(answerOn(root, ["stat", "--", join(root, "no: such")], limits)).rejects.toMatchObject({
    code: "ENOENT",
  });
  await expect(answerOn(root, ["no-such-program"], limits)).rejects.toThrow("no-such-program: missing");
  const hung: unknown = await answerOn(root, ["sleep", "5"], { ...limits, timeoutMs: 50 }).catch(
    (error: unknown) => error,
  );
  expect(isHung(hung)).toBe(true);
  expect(hung).toMatchObject({ message: `${root} does not answer within 50 ms` });
  expect(isHung(new Error("another"))).toBe(false);
});
