import type { EventBody } from "../domain/events.ts";
import { reportOf, type MusterError } from "../domain/errors.ts";
import type { DnsRecord, Wish } from "../domain/membership.ts";
import { membershipStages } from "../domain/run.ts";
import type { Facts, MembershipStage } from "../domain/run.ts";
import { recordText, targetText } from "./steps.ts";

/** The events of the three stages, ready for the stream once it has stamped them. */
export type MembershipEvent = Extract<
  EventBody,
  { readonly type: "stage-started" | "stage-progress" | "stage-finished" | "notice" }
>;

export type MembershipListener = (event: MembershipEvent) => void;

/** Tells the stages in an order that a person can follow: each starts once and finishes once. */
export type Reporter = {
  /** Says what is done or waited for, and starts the stage if it has not. Says nothing twice in a row. */
  progress(stage: MembershipStage, text: string, waiting: boolean): void;
  changed(stage: MembershipStage): void;
  /** Says, once, that a name which a tag asks for is somebody else's. */
  leftAlone(record: DnsRecord, holder: string): void;
  /** Says, once, that a former place is no more. */
  gone(error: MusterError): void;
  /** Finishes every stage, in order, up to the first of those that are still open. */
  finishUpTo(open: ReadonlySet<MembershipStage>): void;
  fail(stage: MembershipStage, error: unknown): void;
  anyChange(): boolean;
};

type StageTrack = { startedMs?: number; changed: boolean; finished: boolean; lastText: string };

export function createReporter(
  wish: Wish,
  stages: readonly MembershipStage[],
  monotonicMs: () => number,
  listen: MembershipListener,
): Reporter {
  const alone = new Set<string>();
  const missing = new Set<string>();
  /** The wish without what was left alone. */
  const told = (): Wish => {
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
    const outcome = track.changed ? "changed" : isEmpty(stage, told()) ? "skipped" : "unchanged";
    const summary = summaryOf(stage, told(), track.changed);
    listen({ type: "stage-finished", stage, outcome, durationMs, summary, facts: factsOf(stage, told()) });
  }

  return {
    progress(stage, text, waiting) {
      const track = tracks[stage];
      if (track.finished || track.lastText === text) return;
      start(stage);
      track.lastText = text;
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
      if (missing.has(message)) return;
      missing.add(message);
      const text = `${message}: what this instance had there is taken for gone with it`;
      listen({ type: "notice", level: "warning", code, text });
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
      const facts = factsOf(stage, told());
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
  return { changed: false, finished: false, lastText: "" };
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
