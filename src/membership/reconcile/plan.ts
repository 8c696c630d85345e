import type { Tags } from "../../domain/instance/instance.ts";
import { redact } from "../../domain/redact/redact.ts";
import type { DnsRecord, RecordState, Target, TargetState, Wish } from "../../domain/membership/membership.ts";
import type { Phase, Step, Wait } from "./steps.ts";
import { zoneKey, zoneNameOf } from "../../domain/membership/zone.ts";
import { recordKey, targetKey, uniqueBy } from "../wish.ts";

/** What balancers and DNS servers say of every endpoint that the wish knows, and the tags. */
export type Observed = {
  readonly targets: readonly { readonly target: Target; readonly state: TargetState }[];
  readonly records: readonly { readonly record: DnsRecord; readonly state: RecordState }[];
  /** Full keys. */
  readonly tags: Tags;
};

/** What the plan has to know of time and naming. */
export type PlanFacts = {
  /** How long ago the instance last began to leave an endpoint; Infinity when it leaves none. */
  readonly partedMs: number;
  /** How long ago every server had dropped the records; 0 while one has not. From then on resolvers forget them. */
  readonly clearedMs: number;
  /** How much longer leaving may serve on; Infinity without a limit. */
  readonly serveLeftMs: number;
  readonly tagPrefix: string;
  /** State tags that come and go beside those of the wish, by key without the prefix; undefined: it does not apply now. */
  readonly passing?: Readonly<Record<string, string | undefined>> | undefined;
  /** What Auto Scaling waits for before it registers this instance itself; absent when it waits for nothing. */
  readonly launch?: string | undefined;
};

/**
 * What is left to do, in order, until the world agrees with the wish; nothing when it does. Only the first phase may
 * begin: the later ones are for the dry run, and are planned again once the first is done. Pure.
 *
 * Joining: drain what is at an address that is gone → register → complete the launch hook, and wait for the targets that Auto Scaling registers → publish →
 *   drain and withdraw former endpoints → serve → remove them → tags.
 * Leaving: drain and withdraw every endpoint at once → serve until drained and forgotten → remove → tags.
 */
export function plan(wish: Wish, observed: Observed, facts: PlanFacts): readonly Phase[] {
  const parting = partingOf(wish, observed);
  const joining =
    wish.want === "in" ? [...registering(wish, observed, facts), publishing(wish, observed, parting)] : [];
  const withdrawn = joining.flatMap(({ steps }) => steps).flatMap(withdrawnBy);
  const left = { ...parting, records: parting.records.filter((record) => !withdrawn.includes(record)) };
  const gone = { ...parting, targets: parting.targets.filter(({ target }) => target.gone === true), records: [] };
  const phases = [
    ...(wish.want === "in" ? [{ ...beginParting(wish, gone, facts), name: "gone" as const }] : []),
    ...joining,
    beginParting(wish, left, facts),
    serving(wish, parting, facts),
    removing(parting),
    tagging(wish, observed, facts),
  ];
  return phases.filter(({ steps, waits }) => steps.length + waits.length > 0);
}

/** Auto Scaling registers an instance after its launch hook; the hook is completed after every other registration. */
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
    // A tag cannot keep an instance out of service: it does without the name, which the loop reports.
    if (state.kind === "foreign" && record.tag === undefined)
      refused.push({ stage: "dns", do: "refuse", record, owner: state.owner });
  }
  // A former record goes in the same batch as its successor: no user is sent to it meanwhile, a CNAME cannot stand
  // beside other records, and a batch is one call.
  const zones = new Set(publish.map(zoneKey));
  const withdraw = parting.records.filter((record) => zones.has(zoneKey(record)));
  return { name: "publish", steps: [...updates(publish, withdraw), ...refused], waits: [] };
}

function withdrawnBy(step: Step): readonly DnsRecord[] {
  return step.do === "update" ? step.change.withdraw : [];
}

/** The endpoints that the instance is still seen in and is not wanted in. */
type Parting = {
  readonly targets: readonly { readonly target: Target; readonly state: TargetState }[];
  readonly records: readonly DnsRecord[];
  /** Whether a server may still answer with one of the records, although they were withdrawn. */
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
  // An instance that stays in service serves users of an old name anyway.
  return { name: "serve", steps: [], waits: wish.want === "out" ? [...waits, ...forgetting(parting, facts)] : waits };
}

/** Until no record sends users here any more: first the servers drop it, then resolvers forget it. */
function forgetting({ withdrawing, ttl }: Parting, facts: PlanFacts): readonly Wait[] {
  if (facts.partedMs === Infinity || facts.serveLeftMs <= 0) return [];
  if (withdrawing) return [{ stage: "dns", for: "dropped", leftMs: facts.serveLeftMs }];
  const leftMs = Math.min(ttl * 1000 - facts.clearedMs, facts.serveLeftMs);
  return leftMs > 0 ? [{ stage: "dns", for: "ttl", leftMs }] : [];
}

/** Whether resolvers alone still know the records: no server answers with them any more. Pure. */
export function isCleared(wish: Wish, observed: Observed): boolean {
  const { records, withdrawing, ttl } = partingOf(wish, observed);
  return wish.want === "out" && records.length === 0 && !withdrawing && ttl > 0;
}

/** The waits of leaving that there is no time for; none while there is time. Pure. */
export function cutShort(wish: Wish, observed: Observed, facts: PlanFacts): readonly Wait[] {
  if (facts.serveLeftMs > 0) return [];
  return serving(wish, partingOf(wish, observed), { ...facts, serveLeftMs: Infinity }).waits;
}

/** Whether a target drains that the instance is not wanted in. Pure. */
export function drainsUnwanted(wish: Wish, observed: Observed): boolean {
  return partingOf(wish, observed).targets.some(({ state }) => state.kind === "draining");
}

/** Whether a balancer has the instance in a target that it is wanted in. Pure. */
export function isEntered(wish: Wish, observed: Observed): boolean {
  const wanted = new Set(wish.want === "in" ? wish.places.targets.map(targetKey) : []);
  return observed.targets.some(({ target, state }) => state.kind !== "absent" && wanted.has(targetKey(target)));
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

/** A state that is over is written as `no`; one that never applied is not written. */
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

/** The text as one line that holds no secret and no half of a character: EC2 refuses the latter. */
function tagValue(text: string): string {
  const line = redact(text)
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+ */gu, " ");
  return line.slice(0, longestTagValue).replace(/[\uD800-\uDBFF]$/, "");
}

/** One batch a zone: two zones of one name are two, and a failure in one does not stop the other. */
function updates(publish: readonly DnsRecord[], withdraw: readonly DnsRecord[]): Step[] {
  return uniqueBy([...publish, ...withdraw], zoneKey).map((one) => ({
    stage: "dns",
    do: "update",
    change: {
      ...zoneNameOf(one),
      publish: publish.filter((record) => zoneKey(record) === zoneKey(one)),
      withdraw: withdraw.filter((record) => zoneKey(record) === zoneKey(one)),
    },
  }));
}
