import type { EngineName, StepOf } from "../../domain/role/role.ts";
import type { EngineDrift, Engines } from "../../ports/engine.ts";
import type { StageContext } from "../../ports/stage-context.ts";
import { unitOf } from "./plan.ts";

/** What a step of a role would change. @throws MusterError as the engine's `check` and `compare` */
export async function compareStep<Name extends EngineName>(
  step: StepOf<Name>,
  index: number,
  directory: string,
  engines: Engines,
  context: StageContext,
): Promise<EngineDrift> {
  const run = { step, directory, unit: unitOf(index) };
  const engine = await engines[step.engine]();
  await engine.check(run, context.signal);
  return await engine.compare(run, context);
}
