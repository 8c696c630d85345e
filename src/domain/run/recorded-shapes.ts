// Guards for status and recordings that are read back: from an older or newer binary, from a failing disk, or changed
// by hand. A command that only reads must not crash on them.
import type { Maintenance } from "../membership/cloud-notice.ts";
import type { Drift } from "./drift.ts";
import type { ErrorReport } from "../errors/errors.ts";
import {
  hasFields,
  isAmount,
  isAnyOf,
  isFlag,
  isListOf,
  isObject,
  isOneOf,
  isText,
  isTime,
  type Guard,
} from "../text/guards.ts";
import type { CheckFound, HealthReport } from "../health/health.ts";
import { clouds, type Instance } from "../instance/instance.ts";
import type { Cordon } from "../membership/departure.ts";
import type { Pending, PendingPart } from "../membership/membership.ts";
import { printable } from "../role/names.ts";
import type { Patched, PatchFailure } from "./patched.ts";
import type { Pause } from "../instance/pause.ts";
import { membershipStages, stageNames, type Facts, type RunEnd } from "./run.ts";
import type { Selection, Sourced, TagName } from "../settings/settings.ts";
import type { SlotStatus } from "../membership/slot.ts";
import type { OutOfService, PinnedConfig, StageStatus, StatusReport, Watch } from "../instance/status.ts";

const isTexts = isListOf(isText);

/** A word of a fixed list, from any version of muster: a word that this binary does not know is shown as it is. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- inferred from the field that it guards
export function isWord<T extends string>(value: unknown): value is T {
  return typeof value === "string";
}

export const isStage = isOneOf(stageNames);

export const isErrorReport = hasFields<ErrorReport>(
  { code: isText, message: isText, hint: isText },
  { subjects: isListOf(isText), quoted: isText },
);

export const isInstance = hasFields<Instance>(
  {
    id: isText,
    cloud: isOneOf(clouds),
    account: isText,
    region: isText,
    zone: isText,
    addresses: hasFields<Instance["addresses"]>({ ipv4: isTexts, ipv6: isTexts }, { publicIpv4: isText }),
    hostname: isText,
  },
  {},
);

export const isRebootRequired = hasFields<StatusReport["rebootRequired"]>({ required: isFlag, reasons: isTexts }, {});

export const isPatchFailure = hasFields<PatchFailure>({ code: isText }, { source: isText });
export const isPatched = hasFields<Patched>({ at: isTime, upgraded: isAmount, pending: isAmount }, {});

export const isDrift = hasFields<Drift>({ at: isTime, commit: isText, drifted: isAmount, resources: isTexts }, {});

export const isMaintenance = hasFields<Maintenance>(
  { id: isText, code: isText, text: isText, notBefore: isTime },
  { notAfter: isTime },
);

const isMembershipStage = isOneOf(membershipStages);

const isPendingPart = hasFields<PendingPart>({ code: isText, text: isText }, { stage: isMembershipStage });

export const isPending = hasFields<Pending>(
  { code: isText, text: isText, since: isTime, nextAt: isTime },
  { stage: isMembershipStage, others: isListOf(isPendingPart) },
);

export const isOutOfService = hasFields<OutOfService>(
  { since: isTime, tries: isAmount },
  {
    failure: hasFields<NonNullable<OutOfService["failure"]>>(
      { at: isTime, run: isText, stage: isStage, error: isErrorReport },
      {},
    ),
  },
);

export const isPause = hasFields<Pause>({ reason: isText, by: isText, since: isTime, until: isTime }, {});

export const isCordon = hasFields<Cordon>({ reason: isText, since: isTime, until: isTime }, {});

export const isSlot = hasFields<SlotStatus>(
  { number: isAmount, until: isTime, purpose: isWord, name: isText, count: isAmount },
  {},
);

export const isWatch = hasFields<Watch>({ units: isTexts, leaveMs: isAmount }, { converge: isText });

export const isPinned = hasFields<PinnedConfig>(
  {
    commit: isText,
    ref: isText,
    refKind: isOneOf(["branch", "tag", "commit"]),
    subject: isText,
    fetched: isFlag,
  },
  { committedAt: isTime, author: isText, before: isText },
);

function isSourced<T>(guard: Guard<T>): Guard<Sourced<T>> {
  return (value): value is Sourced<T> => isObject(value) && guard(value["value"]) && isText(value["from"]);
}

const isSourcedText = isSourced(isText);

export const isSelection = hasFields<Selection>(
  {
    role: isSourcedText,
    environment: isSourcedText,
    ref: isSourcedText,
    refused: isListOf(hasFields<Selection["refused"][number]>({ key: isText, why: isText }, {})),
  },
  {
    names: isListOf(
      hasFields<TagName>(
        { zone: isText, ttl: isAmount, routing: isWord, name: isText, tag: isText },
        { visibility: isWord, zoneId: isText, assumeRole: isText, externalId: isText },
      ),
    ),
    weight: isSourced(isAmount),
  },
);

type Passed = Extract<CheckFound, { ok: true }>;
type Failed = Extract<CheckFound, { ok: false }>;

const found = { tier: isWord, name: isText, since: isTime, seen: isText };

export const isHealth = hasFields<HealthReport>(
  {
    healthy: isFlag,
    since: isTime,
    checks: isListOf(
      isAnyOf<[Passed, Failed]>(
        hasFields<Passed>({ ...found, ok: isExactly(true) }, {}),
        hasFields<Failed>({ ...found, ok: isExactly(false), expected: isText }, {}),
      ),
    ),
  },
  {},
);

export function isExactly<T extends string | number | boolean>(wanted: T): Guard<T> {
  return (value): value is T => value === wanted;
}

export const isFacts: Guard<Facts> = (value): value is Facts => isObject(value) && Object.values(value).every(isFact);

function isFact(value: unknown): boolean {
  return isText(value) || isFlag(value) || typeof value === "number" || isTexts(value);
}

export const isStageStatus = hasFields<StageStatus>(
  {
    stage: isStage,
    state: isOneOf(["pending", "running", "waiting", "changed", "unchanged", "skipped", "replayed", "failed"]),
    text: isText,
    facts: isFacts,
  },
  { startedAt: isTime, waitingSince: isTime, durationMs: isAmount, error: isErrorReport },
);

type End<Kind extends RunEnd["kind"]> = Extract<RunEnd, { kind: Kind }>;

const failed = { stage: isStage, error: isErrorReport };

export const isRunEnd: Guard<RunEnd> = isAnyOf<
  [End<"in-service">, End<"unconfirmed">, End<"done">, End<"rebooting">, End<"held">, End<"failed">]
>(
  hasFields<End<"in-service">>({ kind: isExactly("in-service"), changed: isFlag }, { rebootRefused: isText }),
  hasFields<End<"unconfirmed">>({ kind: isExactly("unconfirmed"), changed: isFlag, note: isText }, {}),
  hasFields<End<"done">>(
    { kind: isExactly("done"), changed: isFlag },
    { note: isText, rebootRefused: isText, parked: isExactly(true) },
  ),
  hasFields<End<"rebooting">>({ kind: isExactly("rebooting"), stage: isStage, reasons: isTexts }, {}),
  hasFields<End<"held">>({ kind: isExactly("held"), ...failed }, {}),
  hasFields<End<"failed">>({ kind: isExactly("failed"), ...failed }, {}),
);

const endKinds: readonly RunEnd["kind"][] = ["in-service", "unconfirmed", "done", "rebooting", "held", "failed"];

/** The end of a run, as this binary can say it: one of a kind that only a newer binary knows is an end all the same. */
export function withKnownEnd(end: unknown): unknown {
  if (!isObject(end)) return end;
  const { kind, changed } = end;
  if (!isText(kind) || isOneOf(endKinds)(kind)) return end;
  const note = `the run ended as "${printable(kind, 40)}", which only a newer muster knows`;
  return { kind: "done", changed: changed === true, note } satisfies RunEnd;
}
