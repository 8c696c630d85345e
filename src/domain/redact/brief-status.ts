import { briefFacts, briefHealth, briefReason } from "./brief-event.ts";
import { briefError, briefPending, briefReport, briefText, publicResource } from "./brief.ts";
import type { OutOfService, PinnedConfig, StageStatus, StatusReport } from "../instance/status.ts";

/** The status as the group `muster` may read it: the state, and failures by code and name. */
export function briefStatus(status: StatusReport): StatusReport {
  const { brief: _said, run, error, health, pending, drift, config, pause, out, ...rest } = status;
  return {
    ...rest,
    reason: reasonOf(status),
    ...(run === undefined ? {} : { run: { ...run, stages: run.stages.map(briefStage) } }),
    ...(error === undefined ? {} : { error: briefReport(error) }),
    ...(out === undefined ? {} : { out: briefOut(out) }),
    ...(health === undefined ? {} : { health: briefHealth(health) }),
    ...(pending === undefined ? {} : { pending: briefPending(pending) }),
    ...(drift === undefined ? {} : { drift: { ...drift, resources: drift.resources.map(publicResource) } }),
    ...(config === undefined ? {} : { config: briefConfig(config) }),
    ...(pause === undefined ? {} : { pause: { ...pause, reason: briefText(pause.reason) } }),
    notices: status.notices.map(({ brief, ...notice }) => ({
      ...notice,
      text: brief ?? "told to root by muster explain",
    })),
  };
}

function briefOut({ failure, ...out }: OutOfService): OutOfService {
  return failure === undefined ? out : { ...out, failure: { ...failure, error: briefReport(failure.error) } };
}

/** A status of an older binary has no brief reason: its error says enough. */
function reasonOf({ state, reason, brief, error, run }: StatusReport): string {
  if (brief !== undefined || state !== "held" || error === undefined) {
    return briefReason({ state, reason, ...(brief === undefined ? {} : { brief }) });
  }
  const stage = run?.stages.find((one) => one.state === "failed")?.stage;
  return `${stage === undefined ? "" : `${stage}: `}${briefError(error)}`;
}

/** The progress text of a stage may quote a command; the summary is muster's own. */
function briefStage({ error, text, ...stage }: StageStatus): StageStatus {
  const known = { ...stage, facts: briefFacts(stage.facts) };
  if (error !== undefined) return { ...known, text: briefError(error), error: briefReport(error) };
  const isOver = stage.state !== "running" && stage.state !== "waiting" && stage.state !== "pending";
  return { ...known, text: isOver ? briefText(text) : "" };
}

function briefConfig({ author, ...config }: PinnedConfig): PinnedConfig {
  const by = author === undefined ? {} : { author: briefText(author) };
  return { ...config, subject: briefText(config.subject), ...by };
}
