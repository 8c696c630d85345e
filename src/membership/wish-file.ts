import { z } from "zod";
import { MusterError } from "../domain/errors.ts";
import type { Endpoints, Wish } from "../domain/membership.ts";
import { stateDirectory } from "../domain/paths.ts";
import type { StateFiles } from "../ports/state-files.ts";

/** The wish on disk, with the times that a restart in the middle of leaving needs. */
export type WishRecord = {
  readonly wish: Wish;
  /** When the instance last began to leave an endpoint, ISO 8601; absent when it leaves none. */
  readonly partedAt?: string | undefined;
  /** When the last server dropped the withdrawn records, ISO 8601. */
  readonly clearedAt?: string | undefined;
};

export const wishFile = "membership.json";

const target = z.object({
  group: z.string(),
  balancer: z.literal("classic").optional(),
  instance: z.string(),
  member: z.string(),
  address: z.string(),
  port: z.int().min(1).max(65_535),
  deadlineMs: z.number().nonnegative(),
  drainMs: z.number().nonnegative(),
  minimumHealthy: z.union([z.object({ count: z.number() }), z.object({ percent: z.number() })]).optional(),
  registeredBy: z.literal("auto-scaling").optional(),
});

const dnsRecord = z.object({
  zone: z.string(),
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
  visibility: z.enum(["public", "private"]).optional(),
  healthCheck: z.string().optional(),
  tag: z.string().optional(),
});

const places: z.ZodType<Endpoints> = z.object({ targets: z.array(target), records: z.array(dnsRecord) });

const wish = z
  .object({
    want: z.enum(["in", "out"]),
    by: z.enum(["run", "patch", "health", "notice", "shutdown", "operator"]),
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

const file = z.object({
  version: z.literal(1),
  wish,
  partedAt: z.iso.datetime().optional(),
  clearedAt: z.iso.datetime().optional(),
});

/** What reading the file gave. */
export type ReadWish =
  | { readonly kind: "absent" }
  | { readonly kind: "read"; readonly record: WishRecord }
  /** Not ours to understand (damaged, or of a later muster): kept for a person under another name. */
  | { readonly kind: "set-aside"; readonly path: string; readonly why: string };

/** Reads the wish; a file that cannot be understood is set aside and never guessed at. */
export async function readWish(files: StateFiles): Promise<ReadWish> {
  const text = await files.read(wishFile);
  if (text === undefined) return { kind: "absent" };
  const json = jsonOf(text);
  const parsed = file.safeParse(json);
  if (parsed.success) {
    const { version: _version, ...record } = parsed.data;
    return { kind: "read", record };
  }
  const why = json === undefined ? "it is no JSON" : z.prettifyError(parsed.error);
  return { kind: "set-aside", path: await files.setAside(wishFile), why };
}

/**
 * The wish in the text of the file, for those who only look; undefined where there is no file.
 * @throws MusterError `state-read-failed` when it cannot be understood: that there is no wish would be a guess
 */
export function wishIn(text: string | undefined): Wish | undefined {
  if (text === undefined) return undefined;
  const parsed = file.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data.wish;
  throw new MusterError({
    code: "state-read-failed",
    message: `${stateDirectory}/${wishFile} is damaged or of a later muster: where this instance is joined is not known`,
    hint: "Start the daemon: it sets the file aside, and the run that follows writes it anew. Meanwhile look at the balancer and the zones themselves.",
  });
}

/** Durable when it resolves. */
export async function writeWish(files: StateFiles, record: WishRecord): Promise<void> {
  await files.write(wishFile, `${JSON.stringify({ version: 1, ...record }, undefined, 2)}\n`);
}

/** The value of a JSON text; undefined, which no schema takes, for anything else. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
