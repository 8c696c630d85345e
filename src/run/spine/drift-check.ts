import { namedResources } from "../../domain/run/drift.ts";
import { compareStep } from "../../stages/converge/compare.ts";
import type { MakeRunDeps } from "./make-run.ts";
import { contextOf } from "./step.ts";

/** Every check is the same work: its units have the same names. */
const checkId = "drift-check";

/**
 * Finds out what converging to the commit of this instance's duty would change, and reports it; changes nothing. Only
 * while no run is under way. Without a duty, or with one that converges nothing, there is no result.
 * @throws MusterError as the engine's `compare`
 */
export async function checkDrift({ duty, repo, engines, clock, bus }: MakeRunDeps, signal: AbortSignal): Promise<void> {
  const known = duty.current();
  if (known === undefined || known.role.converge.length === 0) return;
  const { role, commit } = known;
  const directory = await repo.checkout(commit, signal);
  // Events of a stage belong to a run: of the check only the result and warnings are emitted.
  const context = contextOf(
    { id: checkId, signal, emit: (event) => event.type === "notice" && bus.emit(event) },
    "converge",
  );
  let drifted = 0;
  const resources: string[] = [];
  for (const [index, step] of role.converge.entries()) {
    const found = await compareStep(step, index, directory, engines, context);
    if (found.changed > 0) {
      const what = found.changed === 1 ? "1 resource" : `${found.changed} resources`;
      context.warn("drift-check-changed", `The drift check changed ${what}, which the code marks as noop => false`);
    }
    drifted += found.drifted;
    resources.push(...found.resources);
  }
  const at = clock.now().toISOString();
  bus.emit({ type: "drift-checked", drift: { at, commit, drifted, resources: resources.slice(0, namedResources) } });
}
