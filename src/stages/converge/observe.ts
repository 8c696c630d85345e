import type { EngineName, StepOf } from "../../domain/role/role.ts";
import type { Engines } from "../../ports/engine.ts";
import { unitOf, type ConvergeInput } from "./plan.ts";

type Given = Pick<ConvergeInput, "steps" | "directory">;

/**
 * Checks that every step can be made, before the first one changes anything.
 * @throws MusterError `engine-missing`, `converge-file-missing`
 */
export async function observe(input: Given, engines: Engines, signal: AbortSignal): Promise<void> {
  for (const at of input.steps.keys()) await checkStep(at, input, engines, signal);
}

/** Checks that one step can be made. Changes nothing. @throws MusterError as `observe` */
export async function checkStep(
  at: number,
  { steps, directory }: Given,
  engines: Engines,
  signal: AbortSignal,
): Promise<void> {
  const step = steps[at];
  if (step !== undefined) await checkBy(step, unitOf(at), directory, engines, signal);
}

async function checkBy<Name extends EngineName>(
  step: StepOf<Name>,
  unit: string,
  directory: string,
  engines: Engines,
  signal: AbortSignal,
): Promise<void> {
  const engine = await engines[step.engine]();
  await engine.check({ step, unit, directory }, signal);
}
