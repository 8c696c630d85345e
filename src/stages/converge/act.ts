import { alike, alikeText } from "../../domain/errors/alike.ts";
import { publicResource } from "../../domain/redact/brief.ts";
import { MusterError } from "../../domain/errors/errors.ts";
import type { EngineName, StepOf } from "../../domain/role/role.ts";
import type { EngineResult, Engines } from "../../ports/engine.ts";
import type { StageContext } from "../../ports/stage-context.ts";
import type { ConvergeAction, ConvergeInput } from "./plan.ts";
import type { ConvergeResult } from "./result.ts";

type StepResult = ConvergeResult["steps"][number];

/** Performs the actions in order. */
export async function runActions(
  actions: readonly ConvergeAction[],
  input: ConvergeInput,
  engines: Engines,
  context: StageContext,
): Promise<ConvergeResult> {
  const done: StepResult[] = [];
  for (const action of actions) {
    context.signal.throwIfAborted();
    switch (action.kind) {
      case "publish-fact":
        await (await engines[action.engine]()).publishFact(input.fact);
        break;
      case "apply":
        done.push(await apply(action.step, action.unit, input.directory, engines, context));
        break;
      default:
        action satisfies never;
    }
  }
  return total(done);
}

async function apply<Name extends EngineName>(
  step: StepOf<Name>,
  unit: string,
  directory: string,
  engines: Engines,
  context: StageContext,
): Promise<StepResult> {
  const engine = await engines[step.engine]();
  const result = await engine.apply({ step, unit, directory }, context);
  if (result.failures.length > 0) throw resourcesFailed(step.engine, result);
  reportDoubts(step.engine, result, context);
  const { changed, counts, managed, warnings, seconds, log } = result;
  return { engine: step.engine, changed, counts, managed, warnings: warnings.count, seconds: { ...seconds }, log };
}

/** A success that may be none: the engine warned, or had nothing to do. */
function reportDoubts(engine: string, { managed, counts, warnings, log }: EngineResult, context: StageContext): void {
  if (warnings.count > 0) {
    const more = warnings.count - warnings.first.length;
    const words = warnings.first.join("; ") + (more > 0 ? `; and ${more} more in ${log}` : "");
    context.warn("engine-warnings", `${engine} warned ${times(warnings.count)}: ${words}`);
  }
  if (managed === 0) {
    context.warn(
      "converge-empty",
      `The catalogue of ${engine} manages nothing: no class or resource of the code applies to this instance`,
    );
  } else if (counts.skipped >= managed) {
    context.warn("converge-empty", `${engine} skipped every one of the ${managed} resources of the code`);
  }
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

function total(steps: readonly StepResult[]): ConvergeResult {
  const counts = { total: 0, changed: 0, failed: 0, skipped: 0 };
  for (const step of steps) {
    counts.total += step.counts.total;
    counts.changed += step.counts.changed;
    counts.failed += step.counts.failed;
    counts.skipped += step.counts.skipped;
  }
  return { changed: steps.some((step) => step.changed), counts, steps: [...steps] };
}

/** How many faults a message tells; the log has the others. */
const told = 5;

function resourcesFailed(engine: string, result: EngineResult): MusterError {
  const { counts, failures } = result;
  const faults = alike(failures).slice(0, told);
  const named = faults.reduce((sum, { others }) => sum + 1 + others.length, 0);
  const more = Math.max(counts.failed, failures.length) - named;
  const skipped = counts.skipped === 0 ? "" : `, ${counts.skipped} skipped because of that`;
  return new MusterError({
    code: "converge-resources-failed",
    subjects: faults.map(({ first }) => publicResource(first.resource)),
    message:
      `${counts.failed} of ${counts.total} resources failed under ${engine}${skipped}: ` +
      faults.map(alikeText).join("; ") +
      (more > 0 ? `; and ${more} more` : ""),
    hint: `Correct the code in the config repo, or what it depends on; all of the output is in ${result.log}.`,
  });
}
