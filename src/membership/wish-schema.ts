import { z } from "zod";
import { knownWord } from "../lib/known-word.ts";
import type { Endpoints } from "../domain/membership/membership.ts";

const target = z.object({
  group: z.string(),
  balancer: z.enum(["classic", "former-address"]).optional(),
  gone: z.literal(true).optional(),
  instance: z.string(),
  member: z.string(),
  address: z.string(),
  ipv6: z.string().optional(),
  port: z.int().min(1).max(65_535),
  deadlineMs: z.number().nonnegative(),
  drainMs: z.number().nonnegative(),
  minimumHealthy: z.union([z.object({ count: z.number() }), z.object({ percent: z.number() })]).optional(),
  registeredBy: z.literal("auto-scaling").optional(),
});

/** What names a zone, in state files: without an id in those of older binaries. */
export const zoneShape = {
  zone: z.string(),
  visibility: z.enum(["public", "private"]).optional(),
  zoneId: z.string().optional(),
  assumeRole: z.string().optional(),
  externalId: z.string().optional(),
};

const dnsRecord = z.object({
  ...zoneShape,
  name: z.string(),
  type: z.enum(["A", "AAAA", "CNAME", "TXT"]),
  ttl: z.int().nonnegative(),
  value: z.string(),
  routing: z
    .discriminatedUnion("policy", [
      z.object({ policy: z.literal("multivalue") }),
      z.object({ policy: z.literal("weighted"), weight: z.int().min(0).max(255) }),
    ])
    .optional(),
  healthCheck: z.string().optional(),
  tag: z.string().optional(),
});

const targetOfAnyWords = target.extend({ balancer: z.string().optional(), registeredBy: z.string().optional() });
const recordOfAnyWords = dnsRecord.extend({
  type: z.string(),
  routing: z.object({ policy: z.string() }).optional(),
  visibility: z.string().optional(),
});

const places: z.ZodType<Endpoints> = z.object({ targets: z.array(target), records: z.array(dnsRecord) });

/** Loose: what a newer binary says of a wish stays with it while this binary notes how far it came. */
const wish = z
  .looseObject({
    want: z.enum(["in", "out"]),
    // An instance that is out for a reason of a newer binary stays out until an operator brings it back.
    by: z.string().transform(knownWord(["run", "patch", "health", "notice", "shutdown", "operator"], "operator")),
    reason: z.string(),
    since: z.iso.datetime(),
    bootId: z.string(),
    owner: z.object({ account: z.string(), region: z.string(), instance: z.string() }).optional(),
    places,
    former: places,
    tags: z.record(z.string(), z.string()),
    joining: z.literal(true).optional(),
  })
  .refine((read) => read.owner !== undefined || read.places.records.length + read.former.records.length === 0);

export const wishFileSchema = z.looseObject({
  version: z.literal(1),
  wish,
  partedAt: z.iso.datetime().optional(),
  clearedAt: z.iso.datetime().optional(),
});

/** Endpoints in words that only a newer binary knows: this one can neither join nor leave them, and keeps them on disk. */
export type NewerEndpoints = { readonly targets: readonly unknown[]; readonly records: readonly unknown[] };

const lists = z.looseObject({ targets: z.array(z.unknown()), records: z.array(z.unknown()) });
const outline = z.looseObject({ wish: z.looseObject({ places: lists, former: lists }) });

/** Takes the endpoints of a newer binary out of a file's value. What is malformed stays in, for the schema to refuse. */
export function splitNewer(value: unknown): { readonly value: unknown; readonly newer?: NewerEndpoints } {
  const parsed = outline.safeParse(value);
  if (!parsed.success) return { value };
  const { wish: found } = parsed.data;
  const both = [found.places, found.former];
  const newer = {
    targets: both.flatMap(({ targets }) => targets.filter(isNewerTarget)),
    records: both.flatMap(({ records }) => records.filter(isNewerRecord)),
  };
  if (newer.targets.length + newer.records.length === 0) return { value };
  return {
    newer,
    value: {
      ...parsed.data,
      wish: { ...found, places: withoutNewer(found.places), former: withoutNewer(found.former) },
    },
  };
}

function withoutNewer(endpoints: z.infer<typeof lists>): object {
  return {
    ...endpoints,
    targets: endpoints.targets.filter((each) => !isNewerTarget(each)),
    records: endpoints.records.filter((each) => !isNewerRecord(each)),
  };
}

function isNewerTarget(value: unknown): boolean {
  return !target.safeParse(value).success && targetOfAnyWords.safeParse(value).success;
}

function isNewerRecord(value: unknown): boolean {
  return !dnsRecord.safeParse(value).success && recordOfAnyWords.safeParse(value).success;
}
