import { z } from "zod";
import { isPlainName } from "../domain/role/names.ts";
import type { EngineName, StepOf } from "../domain/role/role.ts";
import { checksSchema } from "./check-schema.ts";
import { comes, isCron } from "./cron.ts";
import { roleDefaults as defaults } from "./defaults.ts";
import { duration, list, map, oneOf, record, repoPath, text, whole } from "./leaves.ts";
import { leaveSchema } from "./leave-schema.ts";
import { dnsSchema, registerSchema, slotSchema } from "./membership-schema.ts";

/** No glob of everything: that is scope `none`. */
const packageGlob = text(
  "a package name or a glob of them, such as kernel*",
  "name or glob",
  (value) => /^[A-Za-z0-9*?][A-Za-z0-9+._*?-]{0,99}$/.test(value) && /[A-Za-z0-9]/.test(value),
);

const patch = map({
  scope: oneOf(["security", "all", "none"])
    .prefault(defaults.patch.scope)
    .describe(
      "`security`: security updates. `all`: everything, new packages that it needs included. `none`: nothing is changed.",
    ),
  exclude: list(packageGlob, "a list of package names or globs of them, such as kernel*")
    .prefault([])
    .describe("Packages that stay as they are: names, or globs with `*` and `?`."),
  releasever: text("a repository version as text, such as latest or 2023.6.20241010", "version", (value) =>
    /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(value),
  )
    .exactOptional()
    .describe(
      "dnf: the repository version to upgrade to. Amazon Linux 2023 is locked to the one of its image and gets no updates without this key. apt has no such thing.",
    ),
  reboot: oneOf(["when-required", "always", "never"])
    .prefault(defaults.patch.reboot)
    .describe(
      "Whether a run that is not in service reboots: `when-required`, when packages, kernel or engine ask for it; `always`, also once after it changed packages; `never`, only says so. See [patching](patching.md).",
    ),
  timeout: duration("1s", "24h")
    .prefault(defaults.patch.timeout)
    .describe("How long one package transaction may take."),
  onFailure: oneOf(["continue", "hold"])
    .exactOptional()
    .describe(
      "What a failed patch does to the run. Without it: a broken or unread index is said and the run goes on, because the commit that mends it may be the next thing to be converged; a broken dpkg or rpm holds. `continue`: the run goes on past both. `hold`: both hold it, an unread source too. See [patching](patching.md#when-patching-fails).",
    ),
});

const puppet = map({
  manifest: repoPath.describe("The manifest, or a directory of manifests."),
  modules: list(repoPath, "a list of directories").prefault([]).describe("The module path, in order."),
  hiera: repoPath.exactOptional().describe("Hiera's configuration."),
  environment: text("the name of a Puppet environment: small letters, digits, underscores", "name", (value) =>
    /^[a-z0-9_]+$/.test(value),
  )
    .prefault(defaults.puppet.environment)
    .describe("Puppet's environment."),
  timeout: duration("1s", "24h").prefault(defaults.puppet.timeout).describe("How long one Puppet run may take."),
}).transform(({ timeout, ...named }) => ({ engine: "puppet" as const, ...named, timeoutMs: timeout }));

/** What a step of each engine is written as. */
const steps: { readonly [E in EngineName]: z.ZodType<StepOf<E>> } = {
  puppet: puppet.describe("A masterless Puppet run."),
};

/** A map of one engine. */
const stepMaps = Object.entries(steps).map(([engine, schema]) =>
  map({ [engine]: schema }).transform((input) => {
    const step = input[engine];
    if (step === undefined) throw new Error("a step of no engine passed its schema");
    return step;
  }),
);

const [firstStep] = stepMaps;

/** One step, as a file holds it. A union of one would be shown as a union. */
const step = stepMaps.length === 1 && firstStep !== undefined ? firstStep : z.union(stepMaps);

const health = map({
  system: checksSchema.prefault([]).describe("Is the machine sound: disk, memory, mounts."),
  service: checksSchema.prefault([]).describe("Do the services run: units, ports, processes."),
  smoke: checksSchema.prefault([]).describe("Does what a user would do work."),
  deadline: duration("1s", "24h")
    .prefault(defaults.health.deadline)
    .describe("How long checks are tried again before the run is held."),
  every: duration("1s", "1h")
    .prefault(defaults.health.every)
    .describe("While the instance serves: how long after one round of all checks the next begins."),
  fall: whole("a number from 1 to 100", 1, 100)
    .prefault(defaults.health.fall)
    .describe("So many failures in a row of any one check, and the instance leaves: see [health](health.md)."),
  rise: whole("a number from 1 to 100", 1, 100)
    .prefault(defaults.health.rise)
    .describe("So many rounds in a row in which every check passes, and it comes back."),
  replaceAfter: duration("1m", "7d")
    .exactOptional()
    .describe(
      "An instance that is out for its health for so long tells its Auto Scaling group that it is unhealthy, which replaces it. Not said: never.",
    ),
});

const cron = text('five cron fields, such as "*/30 * * * *"', "cron expression", isCron).refine(comes, {
  error: "a day that comes: February has at most 29 days; April, June, September and November have 30",
});

const patchWindow = map({
  at: cron.describe("When the window opens."),
  window: duration("1m", "24h").prefault(defaults.schedule.patch.window).describe("How long it stays open."),
});

/** One role, as a file holds it. */
export const roleSchema = map({
  patch: patch.prefault({}).describe("How the operating system is patched."),
  converge: list(step, "a list of steps such as { puppet: … }")
    .prefault([])
    .describe("What configures the instance, in order."),
  health: health.prefault({}).describe("What has to pass before the instance joins anything."),
  register: list(registerSchema, "a list of maps of targetGroup, port")
    .prefault([])
    .describe("Which balancer groups to join."),
  dns: list(dnsSchema, "a list of maps of zone, name, type").prefault([]).describe("Which names to publish."),
  slot: slotSchema
    .exactOptional()
    .describe("What keeps a fleet from leaving service all at once. See [membership](membership.md#slots)."),
  leave: leaveSchema.prefault({}).describe("How it leaves service. See [membership](membership.md#leaving)."),
  schedule: map({
    converge: cron.exactOptional().describe("When to converge again."),
    drift: cron
      .exactOptional()
      .describe("When to find out what converging would change. Nothing is changed, and status tells of it."),
    check: cron.exactOptional().describe("The former name of `drift`. It still works, with a notice."),
    fetch: cron
      .exactOptional()
      .describe(
        "When to look for a new commit; where there is one, a run is made. See also `config.poll` in the [settings](settings.md).",
      ),
    sweep: cron
      .exactOptional()
      .describe(
        "On `aws`: when to take away what dead instances left behind; by default about every three quarters of an hour. See [membership](membership.md#the-dead-are-swept).",
      ),
    splay: duration("0s", "24h")
      .prefault(defaults.schedule.splay)
      .describe("Each instance does these up to so much later, always by the same share of it."),
    patch: patchWindow
      .exactOptional()
      .describe(
        "When an instance in service patches: it takes a slot, leaves, patches, reboots if that is due, and comes back. Other runs in service then change no packages. See [patching](patching.md#in-service).",
      ),
  })
    .refine(({ drift, check }) => drift === undefined || check === undefined, {
      path: ["check"],
      error: "drift alone, because check is its former name",
    })
    .transform(({ check, ...schedule }) => (check === undefined ? schedule : { ...schedule, drift: check }))
    .prefault({})
    .describe("What happens again later. See [schedules](schedules.md)."),
});

export const roleName = text("the name of a role: letters, digits, dots, dashes, underscores", "name", isPlainName);

/** The catalogue as the config repo holds it. */
export const catalogueSchema = map({
  version: z
    .literal(1, { error: "1, the version of this format" })
    .meta({ title: "1" })
    .describe("The version of this format."),
  roles: record(roleName, roleSchema, "a map of roles")
    .refine((roles) => Object.keys(roles).length > 0, { error: "at least one role" })
    .describe("Every role by its name."),
}).describe("muster.yaml, at the root of the config repo");

export type RoleInput = z.output<typeof roleSchema>;
