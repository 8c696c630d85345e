import { select } from "../../domain/role/selection.ts";
import type { Role } from "../../domain/role/role.ts";
import type { RunEnd, RunRequest } from "../../domain/run/run.ts";
import { clockResultSchema, clockStage } from "../../stages/clock/stage.ts";
import { restoreConfig, storeConfig } from "../../stages/config/pinned.ts";
import { configStage } from "../../stages/config/stage.ts";
import { convergeResultSchema, unconverged } from "../../stages/converge/result.ts";
import { convergeStage } from "../../stages/converge/stage.ts";
import { healthResultSchema } from "../../stages/health/result.ts";
import { healthStage } from "../../stages/health/stage.ts";
import { identityResultSchema, identityStage } from "../../stages/identity/stage.ts";
import { indexResultSchema, patchResultSchema, unpatched } from "../../stages/patch/result.ts";
import { indexStage, patchStage, type PatchInput } from "../../stages/patch/stage.ts";
import { readApplied, writeApplied } from "./applied.ts";
import { configInput } from "./config-input.ts";
import type { RunDeps } from "./deps.ts";
import { factFor } from "./fact.ts";
import { join } from "../start/join.ts";
import { withPresentAddresses } from "../start/present-addresses.ts";
import { preflight } from "./preflight.ts";
import { rebootIfAsked, rebootIfDue, restartRule, withRefusal } from "./reboot.ts";
import { claimState } from "../start/start.ts";
import { both, step, type Run } from "./step.ts";
import { trustedBy } from "./trusted-by.ts";
import { reportConfig, reportPackages, reportSelection } from "../state/run-facts.ts";

/**
 * The spine: what a run is, top to bottom. Each stage's result is the next one's argument; a stage that
 * finished is not made again after a crash or a reboot for as long as its result holds.
 * @throws StageFailure
 */
export async function bootRun(run: Run, request: RunRequest, deps: RunDeps): Promise<RunEnd> {
  const { settings } = deps;

  await step(run, {
    stage: "clock",
    holds: "never",
    input: {},
    schema: clockResultSchema,
    work: (context) => clockStage(settings.clock.waitMs, deps, context),
  });

  const identity = await step(run, {
    stage: "identity",
    holds: "boot",
    input: {},
    schema: identityResultSchema,
    work: (context) => identityStage({ source: deps.identity, clock: deps.clock }, context),
  });
  await claimState(deps.files, identity.instance.id);
  const selection = select(settings, identity, request, deps.provenance);
  reportSelection(run, identity, selection);

  const applied = await readApplied(deps.files);
  const { role: roleName, environment, ref } = selection;
  const [config, index] = await both(
    run,
    (branch) =>
      step(branch, {
        stage: "config",
        holds: "run",
        input: { role: roleName.value, environment: environment.value, ref: ref.value },
        store: storeConfig,
        restore: (stored) => restoreConfig(stored, { ...deps, reader: deps.catalogue }, branch.signal),
        async work(context) {
          const input = await configInput(selection, applied, deps);
          return configStage(input, { ...deps, reader: deps.catalogue }, context);
        },
      }),
    (branch) =>
      step(branch, {
        stage: "index",
        holds: "boot",
        input: {},
        schema: indexResultSchema,
        work: (context) => indexStage(deps, context),
        otherwise: { refreshed: false, failed: [] },
      }),
  );
  const { role, entry, commit } = config;
  // Also of a role out of the journal: the settings may be others by now.
  trustedBy(settings, role);
  reportConfig(run, config, selection, applied?.commit);
  // A trial of another role or ref is no change of duty.
  if (request.role === undefined && request.ref === undefined) {
    await deps.duty.adopt({ role, entry, environment: environment.value, identity, commit, ref: ref.value });
  }

  const waits = waitsForWindow(run, request, role);
  const joining = { role, environment: environment.value, identity, commit, naming: selection };
  const [patched, foreseen] = await both(
    run,
    (branch) =>
      step(branch, {
        stage: "patch",
        holds: "boot",
        input: { commit, role: role.name, scope: waits ? "none" : role.patch.scope },
        schema: patchResultSchema,
        work(context) {
          const restarts: PatchInput["restarts"] = (need, changed) =>
            restartRule(branch, request, role, { need, changed }, deps);
          return patchStage({ policy: role.patch, waits, index, offline: !config.fetched, restarts }, deps, context);
        },
        otherwise: unpatched,
      }),
    (branch) => preflight(branch, joining, config.directory, deps),
  );
  if (run.stages.has("patch")) reportPackages(run, patched);
  const packagesChanged = patched.upgraded.length > 0;
  const afterPatch = await rebootIfDue(
    run,
    request,
    role,
    { stage: "patch", need: patched.reboot, changed: packagesChanged },
    deps,
  );
  if (afterPatch.end !== undefined) return afterPatch.end;
  if (foreseen !== undefined) throw foreseen;

  const fact = factFor({ role: role.name, environment: environment.value, identity, commit });
  const converged = await step(run, {
    stage: "converge",
    holds: "boot",
    input: { commit, role: role.name, environment: environment.value },
    schema: convergeResultSchema,
    async work(context) {
      const result = await convergeStage({ steps: role.converge, directory: config.directory, fact }, deps, context);
      const { ref, refKind, subject, author, committedAt } = config;
      const at = deps.clock.now().toISOString();
      const known = { subject, ...(author && { author }), ...(committedAt && { committedAt }) };
      const applied = { commit, ref, refKind, role: role.name, environment: environment.value, at, ...known };
      await writeApplied(deps.files, applied);
      return result;
    },
    otherwise: unconverged,
  });
  const afterConverge = await rebootIfAsked(run, request, role, { changed: converged.changed, packagesChanged }, deps);
  if (afterConverge.end !== undefined) return afterConverge.end;

  await step(run, {
    stage: "health",
    holds: "never",
    input: {},
    schema: healthResultSchema,
    work: (context) => healthStage(role.health, deps, context),
    otherwise: { checks: [] },
  });

  const end = await join(run, await withPresentAddresses(run, joining, deps), deps);
  return withRefusal(end, afterConverge.refused ?? afterPatch.refused);
}

/** A role with a patch window changes packages in service in that window alone, or when a person asks. */
function waitsForWindow({ serving }: Run, { cause }: RunRequest, { schedule }: Role): boolean {
  return serving && schedule.patch !== undefined && cause !== "manual" && cause !== "patch";
}
