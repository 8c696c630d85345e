import { refuseUntrusted } from "../../domain/instance/tag-trust.ts";
import { select } from "../../domain/role/selection.ts";
import type { PlannedStep } from "../../domain/run/events.ts";
import { membershipStages, type RunEnd, type RunRequest, type StageName } from "../../domain/run/run.ts";
import { planClock } from "../../stages/clock/stage.ts";
import { planConfig } from "../../stages/config/stage.ts";
import { planConverge } from "../../stages/converge/stage.ts";
import { planHealth } from "../../stages/health/stage.ts";
import { planPreflight } from "../../stages/preflight/stage.ts";
import { identityStage } from "../../stages/identity/stage.ts";
import { reportOf } from "../../domain/errors/errors.ts";
import { configInput } from "./config-input.ts";
import { readApplied } from "./applied.ts";
import type { MakeRunDeps } from "./make-run.ts";
import { planPatching } from "./plan-patch.ts";
import { subjectOf } from "./preflight.ts";
import { noteOf, endpointsFor, wishFor } from "../start/join.ts";
import { markAttached, pendingLaunch } from "../../scaling-group/launch-hook.ts";
import { keptOut } from "../start/kept-out.ts";
import { contextOf, stagesOf } from "./step.ts";

const dryRunId = "dry-run";
const dryRunDone: RunEnd = { kind: "done", changed: false, note: "a dry run, nothing was changed" };

/**
 * The dry run: observe and plan of each stage, in the order of the spine, and nothing else. What depends on an earlier
 * act is marked as decided at run time.
 */
export async function planRun(deps: MakeRunDeps, request: RunRequest, signal: AbortSignal): Promise<RunEnd> {
  const { bus, settings } = deps;
  const emit: typeof bus.emit = (body) => bus.emit(body, dryRunId);
  const asked = stagesOf(request.stages);
  const run = { id: dryRunId, signal, emit };
  function tell(stage: StageName, steps: readonly PlannedStep[]): void {
    if (asked.has(stage)) emit({ type: "stage-planned", stage, steps });
  }
  let stage: StageName = "clock";
  try {
    tell("clock", await planClock(deps, contextOf(run, "clock")));

    stage = "identity";
    const found = await identityStage({ source: deps.identity, clock: deps.clock }, contextOf(run, "identity"));
    const identity = found.value;
    tell("identity", [{ text: found.summary }]);
    const selection = select(settings, identity, request, deps.provenance);

    stage = "config";
    const applied = await readApplied(deps.files);
    const input = await configInput(selection, applied, deps);
    const config = await planConfig(input, { ...deps, reader: deps.catalogue }, contextOf(run, "config"));
    tell("config", config.steps);
    refuseUntrusted(config.value.role, settings.tags.trust);

    stage = "patch";
    tell("index", [{ text: "refresh the package index" }]);
    tell("patch", await planPatching(config.value.role.patch, request, deps, contextOf(run, "patch")));

    const { role, commit } = config.value;
    const joining = { role, environment: selection.environment.value, identity, commit, naming: selection };
    stage = "preflight";
    if (asked.has("preflight")) {
      const subject = subjectOf({ joining, directory: undefined, joins: true }, deps);
      tell("preflight", await planPreflight(subject, deps.clock, contextOf(run, "preflight")));
    }

    stage = "converge";
    tell("converge", planConverge(role.converge));

    stage = "health";
    tell("health", planHealth(role.health));

    stage = "register";
    const kept = deps.membership.status().wish;
    if (kept !== undefined && keptOut(kept, deps.bootId)) {
      tell("register", [{ text: `stay out of service: ${noteOf(kept)}` }]);
      return dryRunDone;
    }
    if (!asked.has("register")) return dryRunDone;
    const group = await deps.lifecycle.observe(signal);
    const endpoints = await markAttached(endpointsFor(joining), group, deps, signal);
    const wish = wishFor(run, joining, endpoints, deps);
    const membership = await deps.membership.preview(wish, signal, await pendingLaunch(group, deps));
    for (const one of membershipStages) tell(one, membership[one]);
    return dryRunDone;
  } catch (error) {
    signal.throwIfAborted();
    return { kind: "failed", stage, error: reportOf(error) };
  }
}
