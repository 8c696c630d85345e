import {
  briefError,
  briefPending,
  briefReport,
  briefText,
  ownWords,
  publicCheckNames,
  publicResource,
} from "./brief.ts";
import type { RunEvent } from "../run/events.ts";
import type { HealthReport } from "../health/health.ts";
import type { Facts, RunEnd } from "../run/run.ts";

/**
 * An event as systemd's journal and status line may show it, which every user can read; undefined for an event that
 * only root may read. Without a brief text of its own, an event shows only muster's own words.
 */
export function briefEvent(event: RunEvent): RunEvent | undefined {
  switch (event.type) {
    case "stage-output":
    case "stage-planned":
      return undefined;
    case "stage-progress":
      return { ...event, text: event.brief ?? (event.waiting ? ownWords(event.text) : briefText(event.text)) };
    case "stage-finished": {
      const { error, ...rest } = event;
      const facts = briefFacts(event.facts);
      if (error === undefined) return { ...rest, summary: briefText(event.summary), facts };
      return { ...rest, summary: briefError(error), facts, error: briefReport(error) };
    }
    case "state-changed":
      return { ...event, reason: briefReason(event) };
    case "run-finished":
      return { ...event, end: briefEnd(event.end) };
    case "health-changed":
      return event.health === undefined ? event : { ...event, health: briefHealth(event.health) };
    case "drift-checked":
      return { ...event, drift: { ...event.drift, resources: event.drift.resources.map(publicResource) } };
    case "membership-pending": {
      const { pending } = event;
      return pending === undefined ? event : { ...event, pending: briefPending(pending) };
    }
    case "notice":
      return { ...event, text: event.brief ?? (event.level === "info" ? briefText(event.text) : ownWords(event.text)) };
    case "control-asked":
      return event.detail === undefined ? event : { ...event, detail: briefText(event.detail) };
    case "maintenance-announced":
    case "run-started":
    case "stage-started":
    case "run-facts":
    case "pause-changed":
    case "slot-changed":
    case "cordon-changed":
    case "retry-scheduled":
    case "command-started":
    case "command-finished":
    case "cloud-call":
      return event;
  }
}

/** Why the instance is in its state, for readers other than root. */
export function briefReason({
  state,
  reason,
  brief,
}: Pick<Extract<RunEvent, { type: "state-changed" }>, "state" | "reason" | "brief">): string {
  return brief ?? (state === "held" ? ownWords(reason) : briefText(reason));
}

function briefEnd(end: RunEnd): RunEnd {
  switch (end.kind) {
    case "held":
    case "failed":
      return { ...end, error: briefReport(end.error) };
    case "unconfirmed":
      return { ...end, note: ownWords(end.note) };
    case "done":
      return end.note === undefined ? end : { ...end, note: briefText(end.note) };
    case "in-service":
    case "rebooting":
      return end;
  }
}

/** Which checks pass and which do not, by name. */
export function briefHealth(health: HealthReport): HealthReport {
  const names = publicCheckNames(health.checks.map(({ name }) => name));
  const checks = health.checks.map(({ tier, name, since, ok }, at) => {
    const known = { tier, name: names[at] ?? name, since };
    return ok
      ? { ...known, ok: true as const, seen: "passed" }
      : { ...known, ok: false as const, expected: "it to pass", seen: "it fail" };
  });
  return { ...health, checks };
}

/** Facts that are texts and quote no other program. */
const plainFacts: ReadonlySet<string> = new Set([
  "commit",
  "ref",
  "refKind",
  "committedAt",
  "role",
  "environment",
  "zone",
  "scope",
]);

/** Numbers, and texts that are known to be harmless. */
export function briefFacts(facts: Facts): Facts {
  const plain = Object.entries(facts).filter(
    ([name, fact]) => typeof fact === "number" || typeof fact === "boolean" || plainFacts.has(name),
  );
  return Object.fromEntries(plain);
}
