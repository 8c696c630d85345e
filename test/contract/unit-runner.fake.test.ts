import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { UnitExit, UnitSpec } from "../../src/ports/unit-runner.ts";
import { createFakeUnits } from "../fakes/unit-runner.ts";
import { unitRunnerSuite, type Program, type UnitMachine } from "./unit-runner.suite.ts";

unitRunnerSuite("fake", openMachine);

async function openMachine(): Promise<UnitMachine> {
  const directory = await mkdtemp(join(tmpdir(), "muster-test-"));
  const programs = new Map<string, Program>();
  const gates = new Map<string, PromiseWithResolvers<void>>();
  const units = createFakeUnits((spec) => {
    const program = programs.get(spec.name);
    if (spec.argv[0] === "/nonexistent/program") return { exit: { kind: "lost", why: "no such program" } };
    if (program === undefined) throw new Error(`nobody said what ${spec.name} does`);
    const { lines = [], after = [] } = program;
    const exit = exitOf(program);
    return program.waits === true ? { lines, after, exit, go: gateOf(spec.name).promise } : { lines, after, exit };
  });

  function gateOf(name: string): PromiseWithResolvers<void> {
    const gate = gates.get(name) ?? Promise.withResolvers<void>();
    gates.set(name, gate);
    return gate;
  }

  function spec(step: string, program: Program, timeoutMs = 30_000): UnitSpec {
    const name = `muster-test-${step}`;
    programs.set(name, program);
    const logFile = join(directory, `${name}.log`);
    return { name, description: step, argv: ["program"], env: {}, logFile, timeoutMs };
  }

  return {
    agent: () => units.agent(),
    spec,
    async letGo({ name }) {
      gateOf(name).resolve();
    },
    starts: async ({ name }) => units.started.filter((spec) => spec.name === name).length,
    lives: async ({ name }) => units.lives(name),
    async killedAgent(spec) {
      const first = Promise.withResolvers<void>();
      let alive = true;
      void units.agent().run(spec, new AbortController().signal, () => alive && first.resolve());
      await first.promise;
      alive = false;
    },
    close: () => rm(directory, { recursive: true }),
  };
}

function exitOf({ end = { exit: 0 } }: Program): UnitExit {
  return "exit" in end ? { kind: "exited", code: end.exit } : { kind: "killed", signal: `SIG${end.signal}` };
}
