/**
 * What the metadata's pages of notices say. AWS's own words, so a field that is malformed loses that field alone: a page
 * is there only where something is announced, and half of it is worth more than nothing. Pure.
 */
import { z } from "zod";
import { type CloudNotice, maintenanceStates, spotActions } from "../../domain/cloud-notice.ts";
import { printable } from "../../domain/names.ts";

/** What a page was understood to say, and each field that was not understood, with its value in quotes. */
export type Said = { readonly notices: readonly CloudNotice[]; readonly malformed: readonly string[] };

/** What stands in for a field that cannot be understood. */
export type Otherwise = {
  readonly now: Date;
  /** What the page was understood to say before. */
  readonly before: readonly CloudNotice[];
};

/** A page with notices: where it is, and how it is read; throws where nothing can be understood. */
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

/** The fields of one object, read one by one; those that are malformed are remembered. */
function reader(of: Readonly<Record<string, unknown>>, malformed: string[]) {
  return function field<Value>(name: string, schema: z.ZodType<Value>, optional = false): Value | undefined {
    if (optional && of[name] === undefined) return undefined;
    const parsed = schema.safeParse(of[name]);
    if (parsed.success) return parsed.data;
    malformed.push(of[name] === undefined ? `no ${name}` : `${name} is ${quoted(of[name])}`);
    return undefined;
  };
}

function quoted(value: unknown): string {
  return JSON.stringify(typeof value === "string" ? printable(value) : printable(JSON.stringify(value)));
}

/** Two minutes is what AWS gives ("Spot Instance interruption notices"). */
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

/** An event that says neither which one it is nor when it begins is none. */
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
  const state = field("State", z.enum(maintenanceStates)) ?? last?.state ?? "active";
  if (notBefore === undefined) return [];
  const rest = { code, text, notBefore, ...(notAfter === undefined ? {} : { notAfter }), state };
  return [{ kind: "maintenance", id: id ?? "unknown", ...rest }];
}
