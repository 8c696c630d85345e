import { z } from "zod";
import type { Check, CheckKind, CheckTarget } from "../../domain/check.ts";
import type { EngineName, Role, StepOf } from "../../domain/role.ts";

// The journal of an older binary is input, so a role from it is parsed. The schema for operators is in src/settings;
// this one is for the validated role, defaults filled in.

const amount = z.union([z.object({ bytes: z.number() }), z.object({ percent: z.number() })]);
const count = z.int().min(0);

const commandLine = z.union([z.object({ argv: z.tuple([z.string()], z.string()) }), z.object({ shell: z.string() })]);

const targets: { readonly [K in CheckKind]: z.ZodType<CheckTarget<K>> } = {
  http: z.object({
    kind: z.literal("http"),
    url: z.string(),
    method: z.enum(["GET", "HEAD"]),
    headers: z.record(z.string(), z.string()),
    status: count,
    contains: z.string().exactOptional(),
  }),
  tcp: z.object({ kind: z.literal("tcp"), host: z.string(), port: count }),
  unit: z.object({ kind: z.literal("unit"), unit: z.string() }),
  command: z.object({
    kind: z.literal("command"),
    run: commandLine,
    exit: count,
    contains: z.string().exactOptional(),
  }),
  process: z.object({ kind: z.literal("process"), name: z.string(), min: count, max: count.exactOptional() }),
  disk: z.object({ kind: z.literal("disk"), path: z.string(), free: amount }),
  memory: z.object({ kind: z.literal("memory"), available: amount }),
  mount: z.object({ kind: z.literal("mount"), path: z.string(), type: z.string().exactOptional() }),
  file: z.object({
    kind: z.literal("file"),
    path: z.string(),
    contains: z.string().exactOptional(),
    mode: z.string().exactOptional(),
    owner: z.string().exactOptional(),
  }),
};

const target: z.ZodType<CheckTarget> = z.union(Object.values(targets));

const steps: { readonly [E in EngineName]: z.ZodType<StepOf<E>> } = {
  puppet: z.object({
    engine: z.literal("puppet"),
    manifest: z.string(),
    modules: z.array(z.string()),
    hiera: z.string().exactOptional(),
    environment: z.string(),
    timeoutMs: count,
  }),
};

const check: z.ZodType<Check> = z.object({
  name: z.string(),
  target,
  pacing: z.object({ intervalMs: count, timeoutMs: count, rise: count, fall: count }),
});

/** Of any kind of balancer. */
const place = {
  port: count,
  deadlineMs: count,
  drainMs: count,
  minimumHealthy: z.union([z.object({ count }), z.object({ percent: z.number() })]).exactOptional(),
};

export const roleSchema: z.ZodType<Role> = z.object({
  name: z.string(),
  patch: z.object({
    scope: z.enum(["security", "all", "none"]),
    exclude: z.array(z.string()),
    releasever: z.string().exactOptional(),
    reboot: z.enum(["when-required", "always", "never"]),
    timeoutMs: count,
    onFailure: z.enum(["continue", "hold"]).exactOptional(),
  }),
  converge: z.array(z.union(Object.values(steps))),
  health: z.object({
    system: z.array(check),
    service: z.array(check),
    smoke: z.array(check),
    deadlineMs: count,
    // In a run that an older binary began.
    everyMs: count.default(10_000),
    fall: count.default(3),
    rise: count.default(3),
    replaceAfterMs: count.exactOptional(),
  }),
  register: z.array(
    z.union([z.object({ targetGroup: z.string(), ...place }), z.object({ classicLoadBalancer: z.string(), ...place })]),
  ),
  dns: z.array(
    z.object({
      zone: z.string(),
      name: z.string(),
      type: z.enum(["A", "AAAA", "CNAME", "TXT"]),
      ttl: count,
      value: z.string().exactOptional(),
      routing: z.enum(["multivalue", "weighted"]).exactOptional(),
      weight: count.exactOptional(),
      visibility: z.enum(["public", "private"]).exactOptional(),
      healthCheck: z.string().exactOptional(),
    }),
  ),
  slot: z
    .object({
      zone: z.string(),
      name: z.string(),
      count,
      expiresMs: count,
      visibility: z.enum(["public", "private"]).exactOptional(),
    })
    .exactOptional(),
  leave: z
    .object({
      limitMs: count,
      beforeStop: z.array(z.object({ run: commandLine, timeoutMs: count })),
      rebalance: z.enum(["drain", "cordon", "ignore"]),
      maintenance: z.enum(["drain", "ignore"]),
    })
    // The defaults that an older binary did not write.
    .default({ limitMs: 300_000, beforeStop: [], rebalance: "cordon", maintenance: "drain" }),
  schedule: z
    .object({
      converge: z.string().exactOptional(),
      drift: z.string().exactOptional(),
      // What older binaries call `drift`.
      check: z.string().exactOptional(),
      fetch: z.string().exactOptional(),
      sweep: z.string().exactOptional(),
      splayMs: count.exactOptional(),
      patch: z.object({ at: z.string(), windowMs: count }).exactOptional(),
    })
    .transform(({ check, ...schedule }) => (check === undefined ? schedule : { ...schedule, drift: check })),
});
