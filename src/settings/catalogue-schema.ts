import { z } from "zod";
import { parseIpv4, parseIpv6 } from "../domain/address.ts";
import { isDnsName, isPlainName } from "../domain/names.ts";
import { checksSchema } from "./check-schema.ts";
import { comes, isCron } from "./cron.ts";
import { roleDefaults as defaults } from "./defaults.ts";
import { duration, list, map, minimum, oneOf, port, record, repoPath, template, text, ttl, whole } from "./leaves.ts";
import { recordName } from "./leaves.ts";
import { leaveSchema } from "./leave-schema.ts";

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
});

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

const groupForms = [
  /^(?!tag:|arn:)[A-Za-z0-9._:-]{1,253}$/,
  /^arn:[a-z0-9-]+:elasticloadbalancing:[a-z0-9-]+:(\d{12}|x):targetgroup\/[A-Za-z0-9-]{1,32}\/[0-9a-fx]{1,32}$/,
  /^tag:[A-Za-z0-9._:/+@-]{1,128}=[A-Za-z0-9._:/=+@-]{1,256}$/,
];

const groupText = template("the name of a target group, its ARN, or tag:KEY=VALUE", "template", (value) =>
  groupForms.some((form) => form.test(value)),
);

const groupTag = map({
  tag: map({
    key: text("a key of letters, digits and ._:/+@-", "text", (value) =>
      /^[A-Za-z0-9._:/+@-]{1,128}$/.test(value),
    ).describe("Its key."),
    value: template("a value of letters, digits and ._:/=+@-", "template", (value) =>
      /^[A-Za-z0-9._:/=+@-]{1,256}$/.test(value),
    ).describe("Its value."),
  }).describe("The tag that exactly one target group has."),
}).transform(({ tag: { key, value } }) => `tag:${key}=${value}`);

const classicName = template("the name of a Classic Load Balancer", "template", (value) =>
  /^[A-Za-z0-9-]{1,32}$/.test(value),
);

/** One balancer group to join, as a file holds it. */
export const registerSchema = map({
  targetGroup: z
    .union([groupText, groupTag], {
      error: "the name of a target group, its ARN, tag:KEY=VALUE, or { tag: { key: …, value: … } }",
    })
    .exactOptional()
    .describe(
      "The group to join: its name, on `aws` also its ARN, `tag:KEY=VALUE` or `{ tag: { key, value } }`; on `local` the HAProxy backend of that name.",
    ),
  classicLoadBalancer: classicName
    .exactOptional()
    .describe(
      "Instead of `targetGroup`: the name of a Classic Load Balancer; on `local` the HAProxy backend of that name.",
    ),
  port: port
    .exactOptional()
    .describe(
      `The port that serves; a target group needs it. The listeners of a Classic Load Balancer say their own, and on \`local\` it is ${defaults.register.classicPort} where none is said.`,
    ),
  deadline: duration("1s", "24h")
    .prefault(defaults.register.deadline)
    .describe("How long the balancer may take to say healthy."),
  drain: duration("0s", "1h")
    .prefault(defaults.register.drain)
    .describe("How long open connections are served after leaving."),
  minimumHealthy: minimum
    .exactOptional()
    .describe(
      "How many *other* members the balancer has to call healthy, or the instance does not leave by choice: a number, or a percentage of all members, rounded up. Not said: 1 for failed health, none for a patch. See [health](health.md).",
    ),
}).superRefine(({ targetGroup, classicLoadBalancer, port }, context) => {
  const wrong = (path: string[], message: string): void => context.addIssue({ code: "custom", path, message });
  if ((targetGroup === undefined) === (classicLoadBalancer === undefined)) {
    wrong([], "either targetGroup or classicLoadBalancer");
  }
  if (targetGroup !== undefined && port === undefined)
    wrong(["port"], "the port that serves, which a target group needs");
});

/** One record, as a file holds it. */
export const dnsSchema = map({
  zone: template("the name of a zone, without a trailing dot", "template", isDnsName).describe("The zone."),
  name: recordName(
    "a name relative to the zone, without a trailing dot, or @",
    (value) => value === "@" || isDnsName(value.replace(/^\*\./, "")),
  ).describe("The name, relative to the zone; `@` is the zone itself."),
  type: oneOf(["A", "AAAA", "CNAME", "TXT"]).describe("The type of the record."),
  ttl: ttl.prefault(defaults.dns.ttl).describe("Seconds that others may remember it."),
  value: template("a text of at most 255 characters", "template", (value) => value.length <= 255)
    .exactOptional()
    .describe("What the name stands for. `A` and `AAAA` need none: it is the instance's first address of that family."),
  routing: oneOf(["multivalue", "weighted"])
    .exactOptional()
    .describe(
      "On `aws`: the record stands beside those of other instances under this name, by the instance's id. `multivalue` answers with several of them, `weighted` with one by its weight. Without it the instances of a name share one record set, each with a value of its own.",
    ),
  weight: whole("a number from 0 to 255", 0, 255)
    .exactOptional()
    .describe("Of a weighted record; 100 where none is said, 0 gets no traffic."),
  visibility: oneOf(["public", "private"])
    .exactOptional()
    .describe("On `aws`: which zone, where a public and a private one have the same name."),
  healthCheck: template("the id of a Route 53 health check", "template", (value) => /^[A-Za-z0-9-]{1,64}$/.test(value))
    .exactOptional()
    .describe("On `aws`: the id of the health check without which Route 53 leaves a routed record out of its answers."),
}).superRefine(({ type, name, value, routing, weight, healthCheck }, context) => {
  const wrong = (path: string[], message: string): void => context.addIssue({ code: "custom", path, message });
  if (type === "CNAME" && name === "@") wrong(["type"], "A, AAAA or TXT for @, because a zone cannot be an alias");
  if (value === undefined && (type === "CNAME" || type === "TXT")) wrong(["value"], `a value, which ${type} needs`);
  if (weight !== undefined && routing !== "weighted") wrong(["weight"], "routing: weighted beside it");
  if (healthCheck !== undefined && routing === undefined) wrong(["healthCheck"], "routing beside it");
  if (type === "CNAME" && routing === "multivalue") wrong(["routing"], "weighted for a CNAME, which has one value");
  if (value === undefined || value.includes("{")) return;
  if (type === "A" && parseIpv4(value) === undefined) wrong(["value"], "an IPv4 address");
  if (type === "AAAA" && parseIpv6(value) === undefined) wrong(["value"], "an IPv6 address");
  if (type === "CNAME" && !isDnsName(value)) wrong(["value"], "a host name, without a trailing dot");
});

const slot = map({
  zone: template("the name of a zone, without a trailing dot", "template", isDnsName).describe(
    "The zone that holds the slots: one that muster may write to.",
  ),
  name: recordName("a name relative to the zone, without a trailing dot", isDnsName).describe(
    "What the instances that share the slots have in common, such as `web-{environment}`; relative to the zone.",
  ),
  count: whole("a number from 1 to 50", 1, 50)
    .prefault(defaults.slot.count)
    .describe("How many instances may be out of service by choice at once."),
  expires: duration("5m", "24h")
    .prefault(defaults.slot.expires)
    .describe("How long an instance that died, or is held, keeps the others waiting. Whoever is at work renews."),
  visibility: oneOf(["public", "private"])
    .exactOptional()
    .describe("On `aws`: which zone, where a public and a private one have the same name."),
});

const cron = text('five cron fields, such as "*/30 * * * *"', "cron expression", isCron).refine(comes, {
  error: "a day that comes: February has at most 29 days; April, June, September and November have 30",
});

const patchWindow = map({
  at: cron.describe("When the window opens."),
  window: duration("1m", "24h").prefault(defaults.schedule.patch.window).describe("How long it stays open."),
});

const role = map({
  patch: patch.prefault({}).describe("How the operating system is patched."),
  converge: list(map({ puppet: puppet.describe("A masterless Puppet run.") }), "a list of steps such as { puppet: … }")
    .prefault([])
    .describe("What configures the instance, in order."),
  health: health.prefault({}).describe("What has to pass before the instance joins anything."),
  register: list(registerSchema, "a list of maps of targetGroup, port")
    .prefault([])
    .describe("Which balancer groups to join."),
  dns: list(dnsSchema, "a list of maps of zone, name, type").prefault([]).describe("Which names to publish."),
  slot: slot
    .exactOptional()
    .describe("What keeps a fleet from leaving service all at once. See [membership](membership.md#slots)."),
  leave: leaveSchema.prefault({}).describe("How it leaves service. See [membership](membership.md#leaving)."),
  schedule: map({
    converge: cron.exactOptional().describe("When to converge again."),
    check: cron
      .exactOptional()
      .describe("When to find out what converging would change. Nothing is changed, and status tells of it."),
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
  roles: record(roleName, role, "a map of roles")
    .refine((roles) => Object.keys(roles).length > 0, { error: "at least one role" })
    .describe("Every role by its name."),
}).describe("muster.yaml, at the root of the config repo");

export type RoleInput = z.output<typeof role>;
