import { expect, test } from "vitest";
import { createCommandWatch, emitToWatch, unwatched } from "../../../../src/adapters/host/command-watch.ts";
import { exec } from "../../../../src/adapters/host/exec.ts";
import type { WatchNews } from "../../../../src/ports/command-watch.ts";

const watch = createCommandWatch();

function run(argv: [string, ...string[]], label?: string, signal = new AbortController().signal) {
  return exec({ argv, timeoutMs: 10_000, signal, ...(label === undefined ? {} : { label }) });
}

test("what work starts is told from its start to its end, without its arguments", async () => {
  const heard: WatchNews[] = [];
  await watch.during(
    (news) => heard.push(news),
    () => run(["sh", "-c", "exit 3", "a-secret"]),
  );
  expect(heard).toMatchObject([
    { type: "command-started", command: "sh" },
    { type: "command-finished", command: "sh", ended: "exited", code: 3 },
  ]);
  const [started, finished] = heard;
  expect(started).toHaveProperty("id");
  expect(finished).toHaveProperty("id", started !== undefined && "id" in started ? started.id : undefined);
  expect(JSON.stringify(heard)).not.toContain("a-secret");
});

test("work side by side is told apart", async () => {
  const heard: string[] = [];
  const one = (name: string) =>
    watch.during(
      (news) => heard.push(`${name} ${news.type === "cloud-call" ? news.operation : news.command}`),
      async () => {
        await Promise.resolve();
        await run(["sleep", "0.02"], name);
        await run(["true"], name);
      },
    );
  await Promise.all([one("a"), one("b")]);
  expect(heard.toSorted()).toEqual(["a a", "a a", "a a", "a a", "b b", "b b", "b b", "b b"]);
});

test("a command that cannot be started and one that is cancelled have an end too", async () => {
  const ends: unknown[] = [];
  const hear = (news: WatchNews) => news.type === "command-finished" && ends.push(news.ended);
  await watch.during(hear, () => run(["/nonexistent"]));
  const cancel = new AbortController();
  const running = watch.during(hear, () => run(["sleep", "10"], undefined, cancel.signal));
  setTimeout(() => cancel.abort(new Error("enough")), 20);
  await expect(running).rejects.toThrow("enough");
  expect(ends).toEqual(["missing", "aborted"]);
});

test("nobody hears outside of watched work, nor of the agent's own business", async () => {
  const heard: WatchNews[] = [];
  const call = { type: "cloud-call", operation: "ec2:DescribeTags", durationMs: 1, attempts: 1 } as const;
  expect(emitToWatch(call)).toBe(false);
  await watch.during(
    (news) => heard.push(news),
    async () => {
      await unwatched(() => run(["true"]));
      expect(emitToWatch(call)).toBe(true);
    },
  );
  expect(heard).toEqual([call]);
});
