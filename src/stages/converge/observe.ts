import type { EngineName, StepOf } from "../../domain/role/role.ts";
import type { Engines } from "../../ports/engine.ts";
import { unitOf, type ConvergeInput } from "./plan.ts";

/**
 * Checks that every step can be made, before the first one changes anything.
 * @throws MusterError `engine-missing`, `converge-file-missing`
 */
export async function observe(input: ConvergeInput, engines: Engines, signal: AbortSignal): Promise<void> {
  for (const [index, step] of input.steps.entries()) await checkStep(step, index, input.directory, engines, signal);
}

async function checkStep<Name extends EngineName>(
  step: StepOf<Name>,
  index: number,
  directory: string,
  engines: Engines,
  signal: AbortSignal,
): Promise<void> {
  const engine = await engines[step.engine]();
  await engine.check({ step, unit: unitOf(index), directory }, signal);
}
