// The patch stage over a package manager that is told what it sees.
import { MusterError } from "../../../../src/domain/errors/errors.ts";
import type { SourceFailure } from "../../../../src/domain/run/package-source.ts";
import type { PatchPolicy, PatchScope } from "../../../../src/domain/role/role.ts";
import type { Clock } from "../../../../src/ports/clock.ts";
import { patchStage } from "../../../../src/stages/patch/stage.ts";
import { createFakeMachine } from "../../../fakes/machine.ts";
import { createFakePackages, type FakePackagesScript } from "../../../fakes/scripted-packages.ts";
import { recordingContext } from "../../../fakes/stage-context.ts";

/** A mirror's 404. */
export function fetchFailure() {
  return new MusterError({ code: "package-fetch-failed", message: "404", hint: "-", transient: true });
}

export function policyOf(scope: PatchScope, rules: Partial<PatchPolicy> = {}): PatchPolicy {
  return { scope, exclude: [], reboot: "when-required", timeoutMs: 1000, ...rules };
}

/** Makes the patch stage over a scripted package manager. */
export async function patch(
  scope: PatchScope,
  script: FakePackagesScript,
  refreshed = true,
  offline = false,
  rules: Partial<PatchPolicy> = {},
  failed: readonly SourceFailure[] = [],
) {
  const packages = createFakePackages(script);
  const context = recordingContext("patch");
  const index = { refreshed, failed: [...failed] };
  const input = { policy: policyOf(scope, rules), index, offline, restarts: async () => "now" as const };
  const ports = { packages, clock: leapingClock(), machine: createFakeMachine() };
  const outcome = await patchStage(input, ports, context).then(
    (result) => ({ result, error: undefined }),
    (error: unknown) => ({ result: undefined, error }),
  );
  return { ...outcome, calls: packages.calls, context };
}

/** Every wait is over at once, and the time has passed. */
export function leapingClock(): Clock {
  let time = 0;
  return {
    now: () => new Date(time),
    monotonicMs: () => time,
    uptimeMs: () => time,
    random: () => 0.5,
    async sleep(ms) {
      time += ms;
    },
    synchronisation: () => Promise.reject(new Error("not asked for here")),
  };
}
