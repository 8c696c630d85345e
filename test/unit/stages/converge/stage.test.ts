import { expect, test } from "vitest";
import { MusterError } from "../../../../src/domain/errors/errors.ts";
import type { StepOf } from "../../../../src/domain/role/role.ts";
import type { Engine, EngineResult } from "../../../../src/ports/engine.ts";
import { convergeResultSchema } from "../../../../src/stages/converge/result.ts";
import { convergeStage, planConverge } from "../../../../src/stages/converge/stage.ts";
import { recordingContext } from "../../../fakes/stage-context.ts";

function step(manifest: string): StepOf<"puppet"> {
  return {
    engine: "puppet",
    manifest,
    modules: ["site", "modules"],
    hiera: "hiera.yaml",
    environment: "production",
    timeoutMs: 1000,
  };
}

function result(over: Partial<EngineResult> = {}): EngineResult {
  const counts = { total: 20, changed: 0, failed: 0, skipped: 0, ...over.counts };
  const doubts = { managed: 13, warnings: { count: 0, first: [] } };
  return { ...doubts, changed: false, seconds: { total: 1.5 }, failures: [], log: "/log", ...over, counts };
}

/** An engine that writes down what was asked of it. */
function fakeEngine(results: Readonly<Record<string, EngineResult>>, calls: string[]): Engine<"puppet"> {
  return {
    name: "puppet",
    async check(run) {
      calls.push(`check ${run.unit}`);
      if (results[run.step.manifest] === undefined) {
        throw new MusterError({ code: "converge-file-missing", message: run.step.manifest, hint: "" });
      }
    },
    async publishFact(fact) {
      calls.push(`fact ${JSON.stringify(fact)}`);
    },
    compare: () => Promise.reject(new Error("a run compares nothing")),
    async apply(run) {
      calls.push(`apply ${run.unit} ${run.step.manifest} in ${run.directory}`);
      const found = results[run.step.manifest];
      if (found === undefined) throw new Error(`not stubbed: ${run.step.manifest}`);
      return found;
    },
  };
}

function ports(engine: Engine<"puppet">) {
  let now = 0;
  // Every look at the clock is two seconds after the one before.
  return { engines: { puppet: async () => engine }, clock: { monotonicMs: () => (now += 2000) } };
}

const fact = { role: "web" };
const context = recordingContext("converge");

test("checks all steps, publishes the fact once, applies in order and adds up", async () => {
  const calls: string[] = [];
  const changed = result({ changed: true, counts: { total: 10, changed: 3, failed: 0, skipped: 0 } });
  const engine = fakeEngine({ "a.pp": result(), "b.pp": changed }, calls);
  const done = await convergeStage(
    { steps: [step("a.pp"), step("b.pp")], directory: "/w", fact },
    ports(engine),
    context,
  );
  expect(calls).toEqual([
    "check converge-1",
    "check converge-2",
    'fact {"role":"web"}',
    "apply converge-1 a.pp in /w",
    "apply converge-2 b.pp in /w",
  ]);
  expect(done).toMatchObject({ outcome: "changed", summary: "3 of 30 resources changed" });
  expect(done.facts).toEqual({ resources: 30, changed: 3, seconds: 2 });
  expect(convergeResultSchema.parse(JSON.parse(JSON.stringify(done.value)))).toEqual(done.value);
});

test("unchanged and nothing to do are told apart", async () => {
  const engine = fakeEngine({ "a.pp": result() }, []);
  const same = await convergeStage({ steps: [step("a.pp")], directory: "/w", fact }, ports(engine), context);
  expect(same).toMatchObject({ outcome: "unchanged", summary: "20 resources, none changed" });
  const none = await convergeStage({ steps: [], directory: "/w", fact }, ports(engine), context);
  expect(none).toMatchObject({ outcome: "skipped", value: { changed: false, steps: [] } });
});

test("what makes a success doubtful is told: warnings, and a catalogue without anything of the code in it", async () => {
  const warnings = { count: 5, first: ["a", "b", "c"] };
  const engine = fakeEngine(
    {
      "warns.pp": result({ warnings }),
      "empty.pp": result({ managed: 0, counts: { total: 7, changed: 0, failed: 0, skipped: 0 } }),
      "skipped.pp": result({ managed: 13, counts: { total: 20, changed: 0, failed: 0, skipped: 20 } }),
    },
    [],
  );
  const told = recordingContext("converge");
  const steps = [step("warns.pp"), step("empty.pp"), step("skipped.pp")];
  const done = await convergeStage({ steps, directory: "/w", fact }, ports(engine), told);
  expect(told.warnings).toEqual([
    "engine-warnings: puppet warned 5 times: a; b; c; and 2 more in /log",
    "converge-empty: The catalogue of puppet manages nothing: no class or resource of the code applies to this instance",
    "converge-empty: puppet skipped every one of the 13 resources of the code",
  ]);
  expect(done.facts).toMatchObject({ warnings: 5 });
  const alone = await convergeStage({ steps: [step("empty.pp")], directory: "/w", fact }, ports(engine), told);
  expect(alone.summary).toBe("nothing to do: the catalogue manages nothing");
  expect(done.value.steps.map(({ managed }) => managed)).toEqual([13, 0, 13]);
  expect(convergeResultSchema.parse(JSON.parse(JSON.stringify(done.value)))).toEqual(done.value);
});

test("failed resources end the stage, named with their messages; later steps do not run", async () => {
  const calls: string[] = [];
  const words = ["alone", "again", "broken", "busy", "closed", "denied"];
  const faults = words.map((word) => ({ resource: `Exec[/bin/${word}]`, message: `it is ${word}` }));
  const failures = [...faults, { resource: "Exec[/bin/other]", message: "it is alone" }];
  const failed = result({ changed: true, counts: { total: 20, changed: 1, failed: 9, skipped: 4 }, failures });
  const engine = fakeEngine({ "a.pp": failed, "b.pp": result() }, calls);
  const stage = convergeStage({ steps: [step("a.pp"), step("b.pp")], directory: "/w", fact }, ports(engine), context);
  await expect(stage).rejects.toMatchObject({
    code: "converge-resources-failed",
    message:
      "9 of 20 resources failed under puppet, 4 skipped because of that: " +
      "Exec[/bin/alone]: it is alone (so also Exec[/bin/other]); Exec[/bin/again]: it is again; " +
      "Exec[/bin/broken]: it is broken; Exec[/bin/busy]: it is busy; Exec[/bin/closed]: it is closed; and 3 more",
    hint: expect.stringContaining("/log") as unknown,
  });
  expect(calls.at(-1)).toBe("apply converge-1 a.pp in /w");
});

test("a step that cannot be made is found before the first one changes anything", async () => {
  const calls: string[] = [];
  const engine = fakeEngine({ "a.pp": result() }, calls);
  const stage = convergeStage(
    { steps: [step("a.pp"), step("gone.pp")], directory: "/w", fact },
    ports(engine),
    context,
  );
  await expect(stage).rejects.toMatchObject({ code: "converge-file-missing" });
  expect(calls).toEqual(["check converge-1", "check converge-2"]);
});

test("a dry run says what it would do", () => {
  const steps = planConverge([step("a.pp")]);
  expect(steps.map(({ text }) => text)).toEqual([
    'Make role, environment, instance and tags known to puppet as the fact "muster"',
    "puppet apply a.pp",
  ]);
  expect(steps[1]?.details).toEqual([
    "modules site, modules",
    "hiera hiera.yaml",
    "what it changes is decided at run time",
  ]);
});
