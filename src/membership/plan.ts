import type { Tags } from "../domain/instance.ts";
import { redact } from "../domain/redact.ts";
import type { DnsRecord, RecordState, Target, TargetState, Wish } from "../domain/membership.ts";
import type { Phase, Step, Wait } from "./steps.ts";
import { recordKey, targetKey, uniqueBy, zoneOf } from "./wish.ts";

/** What the world says of every place that the wish knows, and the tags. */
export type Observed = {
  readonly targets: readonly { readonly target: Target; readonly state: TargetState }[];
  readonly records: readonly { readonly record: DnsRecord; readonly state: RecordState }[];
  /** Full keys. */
  readonly tags: Tags;
};

/** What the plan has to know of time and naming. */
export type PlanFacts = {
  /** How long ago the instance last began to part from a place; Infinity when it is not parting. */
  readonly partedMs: number;
  /** How long ago every server had dropped the records; 0 while one has not. From then on others forget them. */
  readonly clearedMs: number;
  /** How much longer leaving may serve on; Infinity when nobody hurries. */
  readonly serveLeftMs: number;
  readonly tagPrefix: string;
  /** State tags that come and go beside those of the wish, by key without the prefix; undefined: it does not apply now. */
  readonly passing?: Readonly<Record<string, string | undefined>> | undefined;
  /** What Auto Scaling waits for before it registers this instance itself; absent when it waits for nothing. */
  readonly launch?: string | undefined;
};

/**
 * What is left to do, in order, until the world agrees with the wish; nothing when it does. Only the first
 * phase may be begun: the later ones are told for the dry run, and planned again once it is done. Pure.
 *
 * Joining: register → tell Auto Scaling, and wait for where that registers → publish → part from former places → serve → remove them → tags.
 * Leaving: part from every place at once → serve until drained and forgotten → remove → tags.
 */
export function plan(wish: Wish, observed: Observed, facts: PlanFacts): readonly Phase[] {
  const parting = partingOf(wish, observed);
  const joining =
    wish.want === "in" ? [...registering(wish, observed, facts), publishing(wish, observed, parting)] : [];
  const withdrawn = joining.flatMap(({ steps }) => steps).flatMap(withdrawnBy);
  const left = { ...parting, records: parting.records.filter((record) => !withdrawn.includes(record)) };
  const phases = [
    ...joining,
    beginParting(wish, left, facts),
    serving(wish, parting, facts),
    removing(parting),
    tagging(wish, observed, facts),
  ];
  return phases.filter(({ steps, waits }) => steps.length + waits.length > 0);
}

/** Auto Scaling registers only what has passed its launch hook, and the hook is completed only where all else is in. */
function registering(wish: Wish, observed: Observed, { launch }: PlanFacts): readonly Phase[] {
  const wanted = new Set(wish.places.targets.map(targetKey));
  const targets = observed.targets.filter(({ target }) => wanted.has(targetKey(target)));
  const steps: Step[] = launch === undefined ? [] : [{ stage: "register", do: "launch", what: launch }];
  return [
    registeringIn(targets.filter(({ target }) => target.registeredBy === undefined)),
    { name: "launch", steps, waits: [] },
    registeringIn(targets.filter(({ target }) => target.registeredBy !== undefined)),
  ];
}

function registeringIn(targets: Observed["targets"]): Phase {
  const steps: Step[] = [];
  const waits: Wait[] = [];
  for (const { target, state } of targets) {
    switch (state.kind) {
      case "healthy":
        break;
      case "starting":
      case "unhealthy":
        waits.push({ stage: "register", for: "healthy", target, reason: state.reason });
        break;
      case "absent":
        if (target.registeredBy === undefined) {
          steps.push({ stage: "register", do: "register", target, because: "not registered" });
        } else {
          const reason = `${target.group}: Auto Scaling has not registered this instance yet`;
          waits.push({ stage: "register", for: "healthy", target, reason });
        }
        break;
      case "draining":
        steps.push({ stage: "register", do: "register", target, because: "draining" });
        break;
      case "wrong":
        steps.push({ stage: "register", do: "register", target, because: state.reason });
        break;
    }
  }
  return { name: "register", steps, waits };
}

function publishing(wish: Wish, observed: Observed, parting: Parting): Phase {
  const wanted = new Set(wish.places.records.map(recordKey));
  const publish: DnsRecord[] = [];
  const refused: Step[] = [];
  for (const { record, state } of observed.records) {
    if (!wanted.has(recordKey(record))) continue;
    if (state.kind === "absent" || state.kind === "differs") publish.push(record);
    // Who may write tags cannot keep an instance out of service: that it does without is said by whoever settles.
    if (state.kind === "foreign" && record.tag === undefined)
      refused.push({ stage: "dns", do: "refuse", record, owner: state.owner });
  }
  // What its successor takes the place of goes in the same batch: nobody is sent to it meanwhile, a CNAME cannot
  // stand beside anything else, and a batch is one call.
  const zones = new Set(publish.map(zoneOf));
  const withdraw = parting.records.filter((record) => zones.has(zoneOf(record)));
  return { name: "publish", steps: [...updates(publish, withdraw), ...refused], waits: [] };
}

function withdrawnBy(step: Step): readonly DnsRecord[] {
  return step.do === "update" ? step.change.withdraw : [];
}

/** What the instance is still seen in and shall not be in. */
type Parting = {
  readonly targets: readonly { readonly target: Target; readonly state: TargetState }[];
  readonly records: readonly DnsRecord[];
  /** Whether a server may still answer with one of them, although they were taken away. */
  readonly withdrawing: boolean;
  /** The longest time, in seconds, that resolvers may remember any record that is left. */
  readonly ttl: number;
};

function partingOf(wish: Wish, observed: Observed): Parting {
  const kept = wish.want === "in" ? wish.places : { targets: [], records: [] };
  const keptTargets = new Set(kept.targets.map(targetKey));
  const keptRecords = new Set(kept.records.map(recordKey));
  const leaving = observed.records.filter(({ record }) => !keptRecords.has(recordKey(record)));
  return {
    targets: observed.targets.filter(
      ({ target, state }) => state.kind !== "absent" && !keptTargets.has(targetKey(target)),
    ),
    records: leaving
      .filter(({ state }) => state.kind === "present" || state.kind === "differs")
      .map(({ record }) => record),
    withdrawing: leaving.some(({ state }) => state.kind === "withdrawing"),
    ttl: Math.max(0, ...leaving.filter(({ state }) => state.kind !== "foreign").map(({ record }) => record.ttl)),
  };
}

function beginParting(wish: Wish, parting: Parting, facts: PlanFacts): Phase {
  const drains = parting.targets.flatMap(({ target, state }): Step[] => {
    const served = state.kind === "healthy" || state.kind === "starting" || state.kind === "unhealthy";
    return served ? [{ stage: "register", do: "drain", target }] : [];
  });
  const steps = [...drains, ...updates([], parting.records)];
  if (steps.length === 0 || wish.want === "in") return { name: "part", steps, waits: [] };
  const leaving = { state: "leaving", reason: wish.reason };
  return { name: "part", steps: [...steps, { stage: "tags", do: "write", tags: fullTags(leaving, facts) }], waits: [] };
}

function serving(wish: Wish, parting: Parting, facts: PlanFacts): Phase {
  const waits = parting.targets.flatMap(({ target, state }): Wait[] => {
    const leftMs = Math.min(target.drainMs - facts.partedMs, facts.serveLeftMs);
    if (state.kind !== "draining" || state.connections === 0 || leftMs <= 0) return [];
    const { connections } = state;
    return [{ stage: "register", for: "drained", target, connections, leftMs }];
  });
  // An instance that stays in service serves whoever still comes by an old name.
  return { name: "serve", steps: [], waits: wish.want === "out" ? [...waits, ...forgetting(parting, facts)] : waits };
}

/** Until nobody is sent here by a record any more: first the servers drop it, then those who asked them forget it. */
function forgetting({ withdrawing, ttl }: Parting, facts: PlanFacts): readonly Wait[] {
  if (facts.partedMs === Infinity || facts.serveLeftMs <= 0) return [];
  if (withdrawing) return [{ stage: "dns", for: "dropped", leftMs: facts.serveLeftMs }];
  const leftMs = Math.min(ttl * 1000 - facts.clearedMs, facts.serveLeftMs);
  return leftMs > 0 ? [{ stage: "dns", for: "ttl", leftMs }] : [];
}

/** Whether others are about to forget records that no server answers with any more. Pure. */
export function isCleared(wish: Wish, observed: Observed): boolean {
  const { records, withdrawing, ttl } = partingOf(wish, observed);
  return wish.want === "out" && records.length === 0 && !withdrawing && ttl > 0;
}

/** What leaving would still wait for if there were time; nothing while there is. Pure. */
export function cutShort(wish: Wish, observed: Observed, facts: PlanFacts): readonly Wait[] {
  if (facts.serveLeftMs > 0) return [];
  return serving(wish, partingOf(wish, observed), { ...facts, serveLeftMs: Infinity }).waits;
}

function removing(parting: Parting): Phase {
  return {
    name: "remove",
    steps: parting.targets.map(({ target }) => ({ stage: "register", do: "remove", target })),
    waits: [],
  };
}

function tagging(wish: Wish, observed: Observed, facts: PlanFacts): Phase {
  const passing = fullTags(passingNow(observed.tags, facts), facts);
  const tags = { ...fullTags(wish.tags, facts), ...passing };
  const differs = Object.entries(tags).some(([key, value]) => observed.tags[key] !== value);
  return { name: "tag", steps: differs ? [{ stage: "tags", do: "write", tags }] : [], waits: [] };
}

/** What applied once and does not now is told as such: nothing is ever said of what never applied. */
function passingNow(observed: Tags, { passing = {}, tagPrefix }: PlanFacts): Readonly<Record<string, string>> {
  const entries = Object.entries(passing).flatMap(([key, value]): [string, string][] => {
    if (value === undefined && observed[`${tagPrefix}${key}`] === undefined) return [];
    return [[key, value ?? "no"]];
  });
  return Object.fromEntries(entries);
}

/** EC2's limit; a longer value would be refused, and the write with it. */
const longestTagValue = 256;

function fullTags(tags: Readonly<Record<string, string>>, facts: PlanFacts): Tags {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [`${facts.tagPrefix}${key}`, tagValue(value)]));
}

/** One line that can be sent and holds no secret, whatever a person or a program put into the reason: half a character cannot. */
function tagValue(text: string): string {
  const line = redact(text)
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+ */gu, " ");
  return line.slice(0, longestTagValue).replace(/[\uD800-\uDBFF]$/, "");
}

/** One batch a zone: a public and a private one of one name are two, and what fails in the one is done in the other. */
function updates(publish: readonly DnsRecord[], withdraw: readonly DnsRecord[]): Step[] {
  return uniqueBy([...publish, ...withdraw], zoneOf).map((one) => ({
    stage: "dns",
    do: "update",
    change: {
      zone: one.zone,
      publish: publish.filter((record) => zoneOf(record) === zoneOf(one)),
      withdraw: withdraw.filter((record) => zoneOf(record) === zoneOf(one)),
    },
  }));
}
