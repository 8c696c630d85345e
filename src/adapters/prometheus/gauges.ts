import { Gauge, type Registry } from "./prom-client.ts";
import { publicCheckNames } from "../../domain/redact/brief.ts";
import type { BuildInfo } from "../../domain/settings/build-info.ts";
import { stageNames } from "../../domain/run/run.ts";
import { instanceStates } from "../../domain/instance/state.ts";
import type { StageStatus, StatusReport } from "../../domain/instance/status.ts";

/** The inputs of the gauges. */
export type Shown = {
  readonly build: BuildInfo;
  readonly status: StatusReport;
  readonly membership: {
    /** Whether the instance is to be in service, whatever keeps it out; absent before that is known. */
    readonly wanted: boolean | undefined;
    /** Whether the world is being made to agree with the wish now. */
    readonly reconciling: boolean;
    /** Whether that failed last. */
    readonly failing: boolean;
  };
};

type Labels = Readonly<Record<string, string>>;

/** Registers the gauges of the status. An unknown value has no sample. */
export function showStatus(registry: Registry, shown: () => Shown): void {
  function gauge(
    name: string,
    help: string,
    labelNames: readonly string[],
    samples: (now: Shown) => Iterable<readonly [Labels, number | undefined]>,
  ): void {
    const made = new Gauge({ name: `muster_${name}`, help, labelNames, registers: [], collect });
    function collect(): void {
      made.reset();
      // A reset gauge without labels would say 0, which is not the same as unknown.
      if (labelNames.length === 0) made.remove();
      for (const [labels, value] of samples(shown())) if (value !== undefined) made.set(labels, value);
    }
    registry.registerMetric(made);
  }
  function one(name: string, help: string, value: (now: Shown) => number | undefined): void {
    gauge(name, help, [], (now) => [[{}, value(now)]]);
  }

  gauge("build_info", "The version that runs.", ["version", "commit"], ({ build }) => [[{ ...build }, 1]]);
  gauge("state", "1 for the state that the instance is in.", ["state"], ({ status }) =>
    instanceStates.map((state) => [{ state }, Number(state === status.state)]),
  );
  one("in_service", "Whether the instance is in service.", ({ status }) => Number(status.state === "in-service"));
  one("state_since_timestamp_seconds", "Since when it is in its state.", ({ status }) => seconds(status.since));
  one("out_of_service_since_timestamp_seconds", "Since when it is out of service; a retry keeps it.", ({ status }) =>
    seconds(status.out?.since),
  );
  one("failed_tries", "Runs in a row that did not bring it into service.", ({ status }) => status.out?.tries ?? 0);
  gauge("last_failure_info", "What the last of these runs failed with.", ["stage", "code"], ({ status: { out } }) =>
    out?.failure === undefined ? [] : [[{ stage: out.failure.stage, code: out.failure.error.code }, 1]],
  );
  one("next_retry_timestamp_seconds", "When a held instance is tried again.", ({ status }) =>
    seconds(status.nextRetryAt),
  );
  gauge("maintenance_timestamp_seconds", "When announced maintenance begins.", ["id", "code"], ({ status }) =>
    (status.maintenance ?? []).map(({ id, code, notBefore }) => [{ id, code }, seconds(notBefore)]),
  );
  gauge("instance_info", "What the instance is.", ["instance", "zone", "role", "environment"], ({ status }) => {
    const { instance, role = "", environment = "" } = status;
    return instance === undefined ? [] : [[{ instance: instance.id, zone: instance.zone, role, environment }, 1]];
  });

  gauge("run_info", "The current or last run.", ["run", "cause", "start_type"], ({ status: { run } }) =>
    run === undefined ? [] : [[{ run: run.id, cause: run.cause, start_type: run.startType }, 1]],
  );
  one("run_in_progress", "Whether a run is under way.", ({ status: { run } }) => Number(run?.finished === false));
  one("run_start_timestamp_seconds", "When the current or last run began.", ({ status: { run } }) =>
    seconds(run?.startedAt),
  );
  one("run_duration_seconds", "How long the last run took.", ({ status: { run } }) => inSeconds(run?.durationMs));
  gauge("stage_duration_seconds", "How long each stage of the current or last run took.", ["stage"], ({ status }) =>
    stageNames.map((stage) => [{ stage }, inSeconds(stageOf(status, stage)?.durationMs)]),
  );
  gauge("stage_failed", "Whether a stage of the current or last run failed.", ["stage"], ({ status }) =>
    stageNames.map((stage) => [{ stage }, failedOf(stageOf(status, stage))]),
  );

  gauge("commit_info", "The commit that the instance is configured from.", ["commit", "ref"], ({ status }) =>
    status.commit === undefined ? [] : [[{ commit: status.commit, ref: status.ref ?? "" }, 1]],
  );
  one("commit_timestamp_seconds", "When that commit was made: time() minus this is its age.", ({ status }) =>
    seconds(textFact(stageOf(status, "config"), "committedAt")),
  );
  one("packages_pending", "Upgrades that are known and stay out, at the last look.", ({ status }) =>
    numberFact(stageOf(status, "patch"), "pending"),
  );
  one("patched_timestamp_seconds", "When the packages were last brought up to date.", ({ status }) =>
    seconds(status.patched?.at),
  );
  gauge(
    "patch_trouble",
    "1 for each thing that kept the last patch from being the whole of it: an error code, and the package source if it is one's.",
    ["code", "source"],
    ({ status }) => (status.patchTrouble ?? []).map(({ code, source = "" }) => [{ code, source }, 1]),
  );
  one("packages_changed", "Packages that the last run changed.", ({ status }) =>
    numberFact(stageOf(status, "patch"), "upgraded"),
  );
  one(
    "resources_drifted",
    "Resources that converging would change, at the last look.",
    ({ status }) => status.drift?.drifted,
  );
  one("reboot_required", "Whether a package asks for a reboot.", ({ status }) =>
    Number(status.rebootRequired.required),
  );

  one("healthy", "Whether its checks say that the instance is fit to serve.", ({ status: { health } }) =>
    health === undefined ? undefined : Number(health.healthy),
  );
  gauge(
    "check_passing",
    "Whether each check passed last, while the instance serves.",
    ["tier", "check"],
    ({ status }) => {
      const { checks = [] } = status.health ?? {};
      const names = publicCheckNames(checks.map(({ name }) => name));
      return checks.map(({ tier, ok }, at) => [{ tier, check: names[at] ?? "" }, Number(ok)]);
    },
  );
  one("paused", "Whether schedules, and leaving for failing health, are paused.", ({ status }) =>
    Number(status.pause !== undefined),
  );
  one(
    "cordoned",
    "Whether a rebalance recommendation keeps runs and patching by schedule from beginning.",
    ({ status }) => Number(status.cordon !== undefined),
  );
  one("cordoned_since_timestamp_seconds", "When the recommendation was made.", ({ status }) =>
    seconds(status.cordon?.since),
  );
  one("cordoned_until_timestamp_seconds", "When the cordon ends by itself.", ({ status }) =>
    seconds(status.cordon?.until),
  );
  one("paused_until_timestamp_seconds", "When the pause ends by itself.", ({ status }) => seconds(status.pause?.until));

  one(
    "membership_wanted",
    "Whether the instance is to be in service, whatever keeps it out.",
    ({ membership: { wanted } }) => (wanted === undefined ? undefined : Number(wanted)),
  );
  gauge(
    "membership_pending",
    "1 for what is still to be done until the instance is where it is wanted: register, dns or tags.",
    ["stage", "code"],
    ({ status: { pending } }) =>
      pending === undefined
        ? []
        : [pending, ...(pending.others ?? [])].map(({ stage = "", code }) => [{ stage, code }, 1]),
  );
  one("membership_settling", "Whether balancer, DNS and tags are being brought to agree.", ({ membership }) =>
    Number(membership.reconciling),
  );
  one("membership_failing", "Whether bringing them to agree failed last.", ({ membership }) =>
    Number(membership.failing),
  );
}

function stageOf({ run }: StatusReport, stage: string): StageStatus | undefined {
  return run?.stages.find((known) => known.stage === stage);
}

function failedOf(stage: StageStatus | undefined): number | undefined {
  if (stage === undefined || stage.durationMs === undefined) return undefined;
  return Number(stage.state === "failed");
}

function textFact(stage: StageStatus | undefined, name: string): string | undefined {
  const fact = stage?.facts[name];
  return typeof fact === "string" ? fact : undefined;
}

function numberFact(stage: StageStatus | undefined, name: string): number | undefined {
  const fact = stage?.facts[name];
  return typeof fact === "number" ? fact : undefined;
}

function seconds(iso: string | undefined): number | undefined {
  const ms = iso === undefined ? Number.NaN : Date.parse(iso);
  return Number.isNaN(ms) ? undefined : ms / 1000;
}

function inSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}
