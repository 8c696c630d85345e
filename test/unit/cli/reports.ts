import { stageNames, type StageName } from "../../../src/domain/run/run.ts";
import type { StageStatus, StatusReport } from "../../../src/domain/instance/status.ts";
import { initialStatus } from "../../../src/run/state/status.ts";
import { identity } from "../run/world.ts";

export const at = "2026-01-01T00:00:00.000Z";
export const fresh = initialStatus("boot-a", at);

function stages(known: Partial<Record<StageName, Partial<StageStatus>>>): readonly StageStatus[] {
  return stageNames.map((stage) => ({ stage, state: "pending", text: "", facts: {}, ...known[stage] }));
}

const done = { state: "unchanged", text: "as it was", durationMs: 1200 } as const;
const before = { clock: done, identity: done, config: done, index: done, patch: done, converge: done };
const run = { id: "0001-abcd", cause: "boot", startType: "first-boot", startedAt: at, finished: true } as const;

export const serving: StatusReport = {
  ...fresh,
  state: "in-service",
  reason: "every gate passed",
  instance: identity.instance,
  role: "web",
  environment: "dev",
  ref: "main",
  commit: "0123456789abcdef0123456789abcdef01234567",
  run: {
    ...run,
    durationMs: 73_000,
    stages: stages({
      ...before,
      patch: { state: "changed", text: "3 packages changed; a reboot is required", durationMs: 30_000 },
      health: done,
      register: { state: "changed", text: "web-dev says healthy", durationMs: 4000 },
      dns: { state: "changed", text: "published web-i-1.example.internal", durationMs: 40 },
      tags: { state: "changed", text: "state tags written" },
    }),
  },
  rebootRequired: { required: true, reasons: ["kernel 6.1.0-40 is installed, 6.1.0-38 runs"] },
  notices: [{ code: "tag-refused", text: "Tag muster:url steers nothing: tags can steer role, environment, ref" }],
};

export const error = {
  code: "health-failed",
  message: "1 of 2 health checks did not pass within 10 min: smoke check http: expected status 200, saw 502",
  hint: "Look at the log of the service that is checked.",
};

export const held: StatusReport = {
  ...serving,
  state: "held",
  reason: `health: ${error.message}`,
  rebootRequired: { required: false, reasons: [] },
  notices: [],
  run: {
    ...run,
    durationMs: 700_000,
    stages: stages({ ...before, health: { state: "failed", text: error.message, durationMs: 600_000 } }),
  },
  error,
  nextRetryAt: "2026-01-01T00:12:00.000Z",
};

export const starting: StatusReport = {
  ...fresh,
  state: "starting",
  reason: "run 0001-abcd (boot) is under way",
  run: {
    ...run,
    finished: false,
    stages: stages({
      clock: done,
      identity: done,
      config: { state: "waiting", text: "the git server does not answer; trying again in 4 s, up to 9 min more" },
      index: { state: "running", text: "" },
    }),
  },
};
