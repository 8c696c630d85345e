import { expect, test } from "vitest";
import { exec, type ExecRequest } from "../../../../src/adapters/host/exec.ts";

function run(argv: ExecRequest["argv"], over: Partial<ExecRequest> = {}) {
  return exec({ argv, timeoutMs: 10_000, signal: new AbortController().signal, ...over });
}

test("a command that prints more than is kept runs to its end", async () => {
  const printed = await run(["sh", "-c", "head -c 300000 /dev/zero | tr '\\0' x; echo done >&2; exit 3"], {
    maxBytes: 1000,
  });
  expect(printed).toEqual({ outcome: "exited", code: 3, stdout: "x".repeat(1000), stderr: "done\n" });
});

test("ends are told apart", async () => {
  expect(await run(["nosuchprogram"])).toMatchObject({ outcome: "missing" });
  expect(await run(["sh", "-c", "kill -9 $$"])).toMatchObject({ outcome: "killed" });
  expect(await run(["cat"], { input: "in" })).toEqual({ outcome: "exited", code: 0, stdout: "in", stderr: "" });
});

test("a time-out does not wait for a pipe that a grandchild holds", async () => {
  const begun = performance.now();
  const ended = await run(["sh", "-c", "trap '' TERM; sleep 20 & wait"], { timeoutMs: 200 });
  expect(ended.outcome).toBe("timed-out");
  expect(performance.now() - begun).toBeLessThan(3000);
});
