import { expect, test } from "vitest";
import { z } from "zod";
import type { EventBody } from "../../../../src/domain/run/events.ts";
import { MusterError } from "../../../../src/domain/errors/errors.ts";
import type { StageName } from "../../../../src/domain/run/run.ts";
import { createJournal, openJournal } from "../../../../src/run/state/journal.ts";
import { both, keyOf, stagesOf, step, StageFailure, type Run, type Step } from "../../../../src/run/spine/step.ts";
import { createCommandWatch, emitToWatch } from "../../../../src/adapters/host/command-watch.ts";
import { createFakeClock } from "../../../fakes/clock.ts";
import { createFakeStateFiles } from "../../../fakes/state-files.ts";

async function newRun(asked?: readonly StageName[]) {
  const files = createFakeStateFiles();
  const deps = { files, bootId: "boot-a", now: () => new Date("2026-01-01T00:00:00Z") };
  const request = { cause: "boot", dryRun: false } as const;
  const journal = await createJournal(deps, "0001-abcd", { request, instance: "i-1", serving: false });
  const events: EventBody[] = [];
  const cancel = new AbortController();
  const run: Run = {
    id: journal.run,
    journal,
    clock: createFakeClock(),
    signal: cancel.signal,
    stages: stagesOf(asked),
    emit: (event) => void events.push(event),
    commands: createCommandWatch(),
    serving: false,
    wantedBefore: false,
  };
  async function reopened(bootId: string): Promise<Run> {
    const again = await openJournal({ ...deps, bootId }, "0001-abcd");
    if ("unreadable" in again) throw new Error(again.unreadable);
    return { ...run, journal: again };
  }
  return { run, events, cancel, files, reopened };
}

type Parsed = Extract<Step<{ n: number }>, { readonly schema: unknown }>;

function counting(spec: Partial<Parsed> = {}): { calls: number; spec: Parsed } {
  const counter: { calls: number; spec: Parsed } = {
    calls: 0,
    spec: {
      stage: "patch",
      holds: "boot",
      input: { a: 1 },
      schema: z.object({ n: z.number() }),
      async work() {
        counter.calls += 1;
        return { value: { n: counter.calls }, outcome: "changed", summary: "patched", facts: {} };
      },
      ...spec,
    },
  };
  return counter;
}

test("a step that finished is not made again while its result holds", async () => {
  const { run, reopened, events } = await newRun();
  const counter = counting();
  expect(await step(run, counter.spec)).toEqual({ n: 1 });
  expect(await step(await reopened("boot-a"), counter.spec)).toEqual({ n: 1 });
  expect(counter.calls).toBe(1);
  expect(events.at(-1)).toMatchObject({ type: "stage-finished", outcome: "replayed" });
  expect(await step(await reopened("boot-b"), counter.spec)).toEqual({ n: 2 });
});

test("other inputs are another step", async () => {
  const { run } = await newRun();
  const counter = counting();
  await step(run, counter.spec);
  expect(await step(run, { ...counter.spec, input: { a: 2 } })).toEqual({ n: 2 });
  expect(keyOf("patch", { a: 1, b: undefined, c: [2] })).toBe(keyOf("patch", { c: [2], a: 1 }));
});

test("a result that its schema no longer reads is made again", async () => {
  const { run } = await newRun();
  const counter = counting();
  await step(run, counter.spec);
  const wider = z.object({ n: z.number().min(2) });
  expect(await step(run, { ...counter.spec, schema: wider })).toEqual({ n: 2 });
});

test("the start is on disk before the work, the result before the step is over", async () => {
  const { run, files } = await newRun();
  const seen: string[] = [];
  const counter = counting({
    async work() {
      seen.push(files.texts.get("runs/0001-abcd/journal.jsonl") ?? "");
      return { value: { n: 1 }, outcome: "unchanged", summary: "", facts: {} };
    },
  });
  await step(run, counter.spec);
  expect(seen[0]).toContain('"kind":"step-started","stage":"patch"');
  expect(files.texts.get("runs/0001-abcd/journal.jsonl")).toContain('"kind":"step-finished"');
});

test("a failure is journalled, told and thrown with its stage", async () => {
  const { run, events } = await newRun();
  const error = new MusterError({ code: "package-upgrade-failed", message: "no", hint: "look" });
  const failing = counting({ work: async () => await Promise.reject(error) });
  const thrown = await step(run, failing.spec).catch((e: unknown) => e);
  expect(thrown).toBeInstanceOf(StageFailure);
  expect(thrown).toMatchObject({ stage: "patch", cause: error });
  expect(events.at(-1)).toMatchObject({ outcome: "failed", error: { code: "package-upgrade-failed", hint: "look" } });
  expect(run.journal.state.open).toEqual([]);
});

test("an aborted step stays open in the journal, so that it is done again", async () => {
  const { run, cancel } = await newRun();
  const aborted = counting({
    async work(context) {
      cancel.abort(new Error("agent goes"));
      context.signal.throwIfAborted();
      throw new Error("unreachable");
    },
  });
  await expect(step(run, aborted.spec)).rejects.toBeInstanceOf(StageFailure);
  expect(run.journal.state.open).toEqual(["patch"]);
});

test("a stage that was not asked for hands on what it would have, and says that it was skipped", async () => {
  const { run, events } = await newRun(["health"]);
  const counter = counting({ otherwise: { n: 0 } });
  expect(await step(run, counter.spec)).toEqual({ n: 0 });
  expect(counter.calls).toBe(0);
  expect(events).toEqual([expect.objectContaining({ type: "stage-finished", outcome: "skipped" })]);
});

test("clock, identity and config are always made, and patch brings its index", () => {
  expect([...stagesOf(["patch"])].toSorted()).toEqual(["clock", "config", "identity", "index", "patch"]);
  expect(stagesOf(undefined).has("tags")).toBe(true);
});

test("the first failure of two branches cancels the other, and both are settled before it is thrown", async () => {
  const { run } = await newRun();
  const order: string[] = [];
  const first = async () => {
    order.push("first fails");
    throw new Error("first");
  };
  const second = async (branch: Run) => {
    await new Promise<void>((resolve) => {
      branch.signal.addEventListener("abort", () => resolve(), { once: true });
      if (branch.signal.aborted) resolve();
    });
    await new Promise((resolve) => setImmediate(resolve));
    order.push("second settled");
    throw new Error("second");
  };
  await expect(both(run, first, second)).rejects.toThrow("first");
  expect(order).toEqual(["first fails", "second settled"]);
  expect(
    await both(
      run,
      async () => 1,
      async () => 2,
    ),
  ).toEqual([1, 2]);
});

test("what a step does outside is told as its own", async () => {
  const { run, events } = await newRun();
  const call = { type: "cloud-call", operation: "ec2:CreateTags", durationMs: 3, attempts: 1 } as const;
  const { spec } = counting();
  await step(run, {
    ...spec,
    async work(context) {
      await Promise.resolve();
      emitToWatch(call);
      return spec.work(context);
    },
  });
  expect(events).toContainEqual({ ...call, stage: "patch" });
});

test("of a result that can be read again a part is written down; if it cannot be read again, the step is made again", async () => {
  const { run, reopened, files } = await newRun();
  const counter = counting();
  const { schema: _schema, ...body } = counter.spec;
  const whole = new Map([[1, { n: 1 }]]);
  const spec: Step<{ n: number }> = {
    ...body,
    store: ({ n }) => ({ id: n }),
    restore: async (stored) => whole.get(z.object({ id: z.number() }).parse(stored).id),
  };
  expect(await step(run, spec)).toEqual({ n: 1 });
  expect(files.texts.get("runs/0001-abcd/journal.jsonl")).toContain('"result":{"id":1}');
  expect(await step(await reopened("boot-a"), spec)).toEqual({ n: 1 });
  expect(counter.calls).toBe(1);
  whole.clear();
  expect(await step(await reopened("boot-a"), spec)).toEqual({ n: 2 });
});
