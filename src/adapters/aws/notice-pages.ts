/**
 * The metadata's pages of notices. A malformed field loses that field alone: a page exists only for an announcement,
 * and half of it is better than nothing. Pure.
 */
import { z } from "zod";
import { type CloudNotice, maintenanceStates, spotActions } from "../../domain/membership/cloud-notice.ts";
import { printable } from "../../domain/role/names.ts";

/** The notices of a page, and each malformed field with its value in quotes. */
export type Said = { readonly notices: readonly CloudNotice[]; readonly malformed: readonly string[] };

/** The substitutes for a malformed field. */
export type Otherwise = {
  readonly now: Date;
  /** The earlier notices of the page. */
  readonly before: readonly CloudNotice[];
};

/** A page with notices: its path, and its reader, which throws if nothing can be read. */
export type NoticePage = {
  readonly path: string;
  readonly read: (text: string, otherwise: Otherwise) => Said;
};

/** AWS writes times in two ways, `2026-11-21T08:02:00Z` and `21 Nov 2026 08:02:00 GMT`. Date.parse alone guesses. */
const timeForms = [
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
  /^\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/,
];

const time = z
  .string()
  .refine((value) => timeForms.some((form) => form.test(value)) && !Number.isNaN(Date.parse(value)))
  .transform((value) => new Date(value).toISOString());

const object = z.record(z.string(), z.unknown());

/** Reads the fields of one object one by one, and remembers malformed ones. */
function reader(of: Readonly<Record<string, unknown>>, malformed: string[]) {
  return function field<Value>(name: string, schema: z.ZodType<Value>, optional = false): Value | undefined {
    // A retirement has no end: IMDS then sends `NotAfter` empty, or not at all.
    if (optional && (of[name] ?? "") === "") return undefined;
    const parsed = schema.safeParse(of[name]);
    if (parsed.success) return parsed.data;
    malformed.push(of[name] === undefined ? `no ${name}` : `${name} is ${quoted(of[name])}`);
    return undefined;
  };
}

/** Adds to a malformed field what it counts as. */
function sayCounted(malformed: string[], name: string, as: string): void {
  const at = malformed.findLastIndex((words) => words.startsWith(`${name} is `));
  if (at >= 0) malformed[at] = `${malformed[at]}, which counts as ${JSON.stringify(as)}`;
}

function quoted(value: unknown): string {
  return JSON.stringify(typeof value === "string" ? printable(value) : printable(JSON.stringify(value)));
}

/** AWS gives two minutes ("Spot Instance interruption notices"). */
const spotNoticeMs = 120_000;

export const spotPage: NoticePage = {
  path: "spot/instance-action",
  read(text, { now, before }) {
    const malformed: string[] = [];
    const field = reader(object.parse(JSON.parse(text)), malformed);
    const action = field("action", z.enum(spotActions));
    const at = field("time", time);
    const known = before.find((notice) => notice.kind === "spot");
    if (action === undefined && at === undefined) throw new Error("neither an action nor a time");
    const otherwiseAt = known?.at ?? new Date(now.getTime() + spotNoticeMs).toISOString();
    const notice = { action: action ?? known?.action ?? "terminate", at: at ?? otherwiseAt };
    if (action === undefined) sayCounted(malformed, "action", notice.action);
    return { notices: [{ kind: "spot", ...notice }], malformed };
  },
};

export const rebalancePage: NoticePage = {
  path: "events/recommendations/rebalance",
  read(text, { now, before }) {
    const malformed: string[] = [];
    const page = object.parse(JSON.parse(text));
    if (page["noticeTime"] === undefined) throw new Error("no noticeTime");
    const known = before.find((notice) => notice.kind === "rebalance");
    const noticedAt = reader(page, malformed)("noticeTime", time) ?? known?.noticedAt ?? now.toISOString();
    return { notices: [{ kind: "rebalance", noticedAt }], malformed };
  },
};

type Maintenance = Extract<CloudNotice, { kind: "maintenance" }>;

export const maintenancePage: NoticePage = {
  path: "events/maintenance/scheduled",
  read(text, { before }) {
    const malformed: string[] = [];
    const known = before.flatMap((notice) => (notice.kind === "maintenance" ? [notice] : []));
    const events = z.array(z.unknown()).parse(JSON.parse(text));
    const notices = events.flatMap((event) => maintenanceIn(event, known, malformed));
    return { notices, malformed };
  },
};

/** An event without an id and without a beginning is refused. */
function maintenanceIn(event: unknown, known: readonly Maintenance[], malformed: string[]): readonly Maintenance[] {
  const parsed = object.safeParse(event);
  if (!parsed.success) {
    malformed.push(`an event is ${quoted(event)}`);
    return [];
  }
  const field = reader(parsed.data, malformed);
  const id = field("EventId", z.string().min(1));
  const last = known.find((notice) => notice.id === id);
  const notBefore = field("NotBefore", time) ?? last?.notBefore;
  const notAfter = field("NotAfter", time, true);
  const code = field("Code", z.string().min(1)) ?? last?.code ?? "system-maintenance";
  const text = field("Description", z.string(), true) ?? last?.text ?? "";
  const saidState = field("State", z.enum(maintenanceStates));
  const state = saidState ?? markedState(text) ?? last?.state ?? "active";
  if (saidState === undefined) sayCounted(malformed, "State", state);
  if (notBefore === undefined) return [];
  const rest = { code, text, notBefore, ...(notAfter === undefined ? {} : { notAfter }), state };
  return [{ kind: "maintenance", id: id ?? "unknown", ...rest }];
}

/**
 * AWS writes `[Completed]` or `[Canceled]` before the description of an event that is over (EC2 User Guide, "Scheduled
 * events for your instances"). It counts where the state cannot be read.
 */
function markedState(text: string): Maintenance["state"] | undefined {
  const mark = /^\[(\w+)\]/.exec(text)?.[1]?.toLowerCase();
  return maintenanceStates.find((state) => state === mark);
}
