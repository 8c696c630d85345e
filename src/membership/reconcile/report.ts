import type { EventBody } from "../../domain/run/events.ts";
import { reportOf, type MusterError } from "../../domain/errors/errors.ts";
import type { DnsRecord, Wish } from "../../domain/membership/membership.ts";
import { membershipStages } from "../../domain/run/run.ts";
import type { Facts, MembershipStage } from "../../domain/run/run.ts";
import { createOnceGate, createReportGate, type ReportGate } from "../../lib/async/report.ts";
import { describeWait, recordText, targetText, type Wait } from "./steps.ts";

/** The events of the three stages, ready for the stream once it has stamped them. */
export type MembershipEvent = Extract<
  EventBody,
  { readonly type: "stage-started" | "stage-progress" | "stage-finished" | "notice" }
>;

export type MembershipListener = (event: MembershipEvent) => void;

/** Reports the stages in an order that a person can follow: each starts once and finishes once. */
export type Reporter = {
  /** Reports what the stage does or waits for, and starts the stage if it has not. Never the same twice in a row. */
  progress(stage: MembershipStage, text: string, waiting: boolean): void;
  changed(stage: MembershipStage): void;
  /** Reports, once, that a name which a tag asks for belongs to another owner. */
  leftAlone(record: DnsRecord, holder: string): void;
  /** Reports, once, that the group or zone of a former endpoint exists no more. */
  gone(error: MusterError): void;
  /** Reports, once, the waits that there is no time for. */
  cutShort(waits: readonly Wait[]): void;
  /** Finishes every stage, in order, up to the first of those that are still open. */
  finishUpTo(open: ReadonlySet<MembershipStage>): void;
  fail(stage: MembershipStage, error: unknown): void;
  anyChange(): boolean;
};

type StageTrack = { startedMs?: number; changed: boolean; finished: boolean; readonly texts: ReportGate<string> };

export function createReporter(
  wish: Wish,
  stages: readonly MembershipStage[],
  monotonicMs: () => number,
  listen: MembershipListener,
): Reporter {
  const alone = new Set<string>();
  const missing = createOnceGate<string>();
  const hurried = createOnceGate<"cut-short">();
  /** The wish without the records that were left alone. */
  const reported = (): Wish => {
    const records = wish.places.records.filter((record) => !alone.has(recordText(record)));
    return { ...wish, places: { ...wish.places, records } };
  };
  const tracks: Record<MembershipStage, StageTrack> = { register: newTrack(), dns: newTrack(), tags: newTrack() };

  function start(stage: MembershipStage): number {
    const track = tracks[stage];
    if (track.startedMs !== undefined) return track.startedMs;
    listen({ type: "stage-started", stage });
    track.startedMs = monotonicMs();
    return track.startedMs;
  }

  function finish(stage: MembershipStage): void {
    const track = tracks[stage];
    const startedMs = start(stage);
    const durationMs = monotonicMs() - startedMs;
    track.finished = true;
    const outcome = track.changed ? "changed" : isEmpty(stage, reported()) ? "skipped" : "unchanged";
    const summary = summaryOf(stage, reported(), track.changed);
    listen({ type: "stage-finished", stage, outcome, durationMs, summary, facts: factsOf(stage, reported()) });
  }

  return {
    progress(stage, text, waiting) {
      const track = tracks[stage];
      if (track.finished || !track.texts.isNew(text)) return;
      start(stage);
      listen({ type: "stage-progress", stage, text, waiting });
    },
    changed(stage) {
      tracks[stage].changed = true;
    },
    leftAlone(record, holder) {
      if (alone.has(recordText(record))) return;
      alone.add(recordText(record));
      const text = `${record.type} ${record.name}, which the tag ${record.tag} asks for, is held by ${holder}: it was left alone`;
      listen({ type: "notice", level: "warning", code: "dns-name-owned", text });
    },
    gone({ code, message }) {
      if (!missing.isNew(message)) return;
      const text = `${message}: what this instance had there is taken for gone with it`;
      listen({ type: "notice", level: "warning", code, text });
    },
    cutShort(waits) {
      if (waits.length === 0 || !hurried.isNew("cut-short")) return;
      const text = `Leaving goes on although there was no time to wait: ${waits.map(describeWait).join("; ")}`;
      listen({ type: "notice", level: "warning", code: "leave-cut-short", text });
    },
    finishUpTo(open) {
      for (const stage of stages) {
        if (open.has(stage)) return;
        if (!tracks[stage].finished) finish(stage);
      }
    },
    fail(stage, error) {
      const startedMs = start(stage);
      const durationMs = monotonicMs() - startedMs;
      tracks[stage].finished = true;
      const report = reportOf(error);
      const facts = factsOf(stage, reported());
      listen({
        type: "stage-finished",
        stage,
        outcome: "failed",
        durationMs,
        summary: report.message,
        facts,
        error: report,
      });
    },
    anyChange() {
      return membershipStages.some((stage) => tracks[stage].changed);
    },
  };
}

function newTrack(): StageTrack {
  return { changed: false, finished: false, texts: createReportGate() };
}

/** The notice of a stage whose endpoints cannot be left, because the settings do not say where to ask. */
export function cannotBeLeft(stage: MembershipStage): MembershipEvent {
  const what = stage === "register" ? "balancer" : "DNS server";
  return {
    type: "notice",
    level: "warning",
    code: stage === "register" ? "balancer-missing" : "dns-missing",
    text: `The settings name no ${what}, so the instance cannot leave the one it may be in`,
  };
}

function isEmpty(stage: MembershipStage, wish: Wish): boolean {
  switch (stage) {
    case "register":
      return wish.places.targets.length + wish.former.targets.length === 0;
    case "dns":
      return wish.places.records.length + wish.former.records.length === 0;
    case "tags":
      return false;
  }
}

function summaryOf(stage: MembershipStage, wish: Wish, changed: boolean): string {
  const joined = wish.want === "in";
  switch (stage) {
    case "register": {
      const groups = wish.places.targets.map(({ group }) => group).join(", ");
      if (isEmpty(stage, wish)) return changed ? "the launch hook is completed" : "no balancer to join";
      if (!joined) return changed ? `left ${groups}` : `not in ${groups}`;
      return `${groups} says healthy`;
    }
    case "dns": {
      const names = wish.places.records.map(({ name }) => name).join(", ");
      if (isEmpty(stage, wish)) return "no record to publish";
      if (!joined) return changed ? `withdrew ${names}` : `${names} not published`;
      return changed ? `published ${names}` : `${names} as published`;
    }
    case "tags":
      return changed ? "state tags written" : "state tags as they were";
  }
}

function factsOf(stage: MembershipStage, wish: Wish): Facts {
  switch (stage) {
    case "register":
      return { targets: wish.places.targets.map(targetText) };
    case "dns":
      return { records: wish.places.records.map(recordText) };
    case "tags":
      return { ...wish.tags };
  }
}
