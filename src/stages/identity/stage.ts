import { z } from "zod";
import { backoffMs, type Backoff } from "../../lib/async/backoff.ts";
import { isTransient, reportOf } from "../../domain/errors/errors.ts";
import { clouds, type Identity } from "../../domain/instance/instance.ts";
import { formatDuration } from "../../domain/text/units.ts";
import type { Clock } from "../../ports/clock.ts";
import type { IdentitySource } from "../../ports/identity-source.ts";
import type { StageContext, StageResult } from "../../ports/stage-context.ts";

const addresses = z.object({ ipv4: z.array(z.string()), ipv6: z.array(z.string()), publicIpv4: z.string().optional() });

export const identityResultSchema: z.ZodType<Identity> = z.object({
  instance: z.object({
    id: z.string(),
    cloud: z.enum(clouds),
    account: z.string(),
    region: z.string(),
    zone: z.string(),
    addresses,
    hostname: z.string(),
  }),
  tags: z.record(z.string(), z.string()),
  tagsAsOf: z.string().optional(),
});

const backoff: Backoff = { firstMs: 500, maxMs: 15_000 };

/** Minutes, not seconds: a metadata service may be late on a busy host. */
const deadlineMs = 5 * 60_000;

/** Reads the identity of this machine; retries transient failures until the deadline. */
export async function identityStage(
  ports: { readonly source: IdentitySource; readonly clock: Clock },
  context: StageContext,
): Promise<StageResult<Identity>> {
  const identity = await readPatiently(ports, context);
  const { instance, tags, tagsAsOf } = identity;
  const stale = tagsAsOf === undefined ? "" : `, as they were at ${tagsAsOf}`;
  if (tagsAsOf !== undefined) context.warn("tags-stale", `The tags could not be read now and are taken${stale}`);
  return {
    value: identity,
    outcome: "unchanged",
    summary: `${instance.id} in ${instance.zone}, ${Object.keys(tags).length} tags${stale}`,
    facts: {
      instance: instance.id,
      zone: instance.zone,
      addresses: [...instance.addresses.ipv4, ...instance.addresses.ipv6],
    },
  };
}

async function readPatiently(
  ports: { readonly source: IdentitySource; readonly clock: Clock },
  context: StageContext,
): Promise<Identity> {
  const { source, clock } = ports;
  const deadline = clock.monotonicMs() + deadlineMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await source.read(context.signal);
    } catch (error) {
      if (!isTransient(error) || clock.monotonicMs() >= deadline) throw error;
      const wait = backoffMs(backoff, attempt, clock, error);
      context.waiting(`${reportOf(error).message}; trying again in ${formatDuration(wait)}`);
      await clock.sleep(wait, context.signal);
    }
  }
}
