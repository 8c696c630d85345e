import { expect, test } from "vitest";
import { exec, type ExecRequest } from "../../../../src/adapters/host/exec.ts";

function run(argv: ExecRequest["argv"], over: Partial<ExecRequest> = {}) {
  return exec({ argv, timeoutMs: 10_000, signal: new AbortController().signal, ...over });
}

const much = ["sh", "-c", "head -c 300000 /dev/zero | tr '\\0' x; echo done >&2; exit 3"] as const;

test("for a caller that asks for the beginning alone a command runs to its end, and the result says that it is cut", async () => {
  const printed = await run(much, { maxBytes: 1000, beginning: true });
  expect(printed).toEqual({ outcome: "exited", code: 3, stdout: "x".repeat(1000), stderr: "done\n", cut: true });
});

test("for every other caller too much output is an error, on either stream, and never a part taken for the whole", async () => {
  const words = {
    code: "command-output-too-large",
    transient: true,
    message: expect.stringMatching(/^"sh" printed more/) as unknown,
  };
  await expect(run(much, { maxBytes: 1000 })).rejects.toMatchObject(words);
  await expect(run(["sh", "-c", "echo errors >&2"], { maxBytes: 3 })).rejects.toMatchObject(words);
});

test("what just fits is all there", async () => {
  expect(await run(["printf", "abc"], { maxBytes: 3 })).toEqual({
    outcome: "exited",
    code: 0,
    stdout: "abc",
    stderr: "",
  });
  const edge = await run(["printf", "abc"], { maxBytes: 3, beginning: true });
  expect(edge).toEqual({ outcome: "exited", code: 0, stdout: "abc", stderr: "" });
});

test("a command whose output has no end is stopped, all of it", async () => {
  const begun = performance.now();
  await expect(run(["sh", "-c", "yes & echo $! >&2; wait"], { maxBytes: 100_000 })).rejects.toMatchObject({
    code: "command-output-too-large",
  });
  expect(performance.now() - begun).toBeLessThan(5000);
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

/** Ignores SIGTERM, and holds its pipes for as long as it lives. */
function stubborn(first: string): ExecRequest["argv"] {
  return ["sh", "-c", `trap '' TERM; ${first}; sleep 20 & wait`];
}

test("neither an abort nor too much output waits for a command that ignores SIGTERM", async () => {
  const begun = performance.now();
  const stop = new AbortController();
  const reason = new Error("enough");
  setTimeout(() => stop.abort(reason), 200);
  await expect(run(stubborn("true"), { signal: stop.signal })).rejects.toBe(reason);
  await expect(run(stubborn("head -c 5000 /dev/zero"), { maxBytes: 1000 })).rejects.toMatchObject({
    code: "command-output-too-large",
  });
  expect(performance.now() - begun).toBeLessThan(3000);
});

test("a command inherits no variable of ours", async () => {
  const { stdout } = await run(["env"], { env: { ADDED: "1" } });
  const names = stdout
    .trim()
    .split("\n")
    .map((line) => line.split("=", 1)[0]);
  expect(new Set(names)).toEqual(new Set(["ADDED", "HOME", "LC_ALL", "PATH"]));
});

test("what cannot even be tried is an error, and nothing of it is waited for", async () => {
  let isGone = false;
  const work = run(["true", "x".repeat(3_000_000)], { onGone: () => (isGone = true) });
  await expect(work).rejects.toThrow();
  expect(isGone).toBe(true);
});
