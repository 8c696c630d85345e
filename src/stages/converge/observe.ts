import type { ConvergeStep } from "../../domain/role.ts";
import type { Engine } from "../../ports/engine.ts";
import { unitOf, type ConvergeInput } from "./plan.ts";

/**
 * Checks that every step can be made, before the first one changes anything.
 * @throws MusterError `engine-missing`, `converge-file-missing`
 */
export async function observe(
  input: ConvergeInput,
  engines: readonly Engine<ConvergeStep>[],
  signal: AbortSignal,
): Promise<void> {
  for (const [index, step] of input.steps.entries()) {
    const run = { step, unit: unitOf(index), directory: input.directory };
    await engineOf(step.engine, engines).check(run, signal);
  }
}

/** The engine of that name; the assembly provides one for each. */
export function engineOf(name: ConvergeStep["engine"], engines: readonly Engine<ConvergeStep>[]): Engine<ConvergeStep> {
  const engine = engines.find((candidate) => candidate.name === name);
  if (engine === undefined) throw new Error(`no engine called ${name} was wired`);
  return engine;
}
