import type { z } from "zod";
import { parseIpv4 } from "../domain/instance/address.ts";
import { carriesPassword, parseGitUrl } from "../domain/role/git-url.ts";
import { isDnsName, isPlainName } from "../domain/role/names.ts";
import { clouds } from "../domain/instance/instance.ts";
import { credentialSources, isTrusted, steerable, type Trusted } from "../domain/settings/settings.ts";
import { settingsDefaults as defaults } from "./defaults.ts";
import { absolutePath, duration, host, list, map, oneOf, port, refGlob, refName, text, yesNo } from "./leaves.ts";
import { isAbsolutePath, isAddress } from "./leaves.ts";
import { proxy } from "./proxy-schema.ts";
import { tagZone } from "./tag-zone-schema.ts";

const plainName = (of: string) =>
  text(`the name of ${of}: letters, digits, dots, dashes, underscores`, "name", isPlainName);

const socket = text("host:port or the absolute path of a socket", "host:port or path", isSocket).transform(toSocket);

const configUrl = text(
  "an https://, ssh:// or file:// URL, or user@host:path",
  "URL",
  (value) => parseGitUrl(value) !== undefined,
).refine((value) => !carriesPassword(value), {
  error: "a URL without a password or token (it belongs into the file that config.https.credentials names)",
});

const config = map({
  url: configUrl.describe("The config repo. It carries no password and no token."),
  ref: refName
    .prefault(defaults.config.ref)
    .describe("What to apply when neither a tag nor the command line asks for another ref."),
  refs: list(refGlob, "a list of branches, tags or globs of them")
    .min(1, { error: "at least one branch or tag" })
    .exactOptional()
    .describe(
      "Which branches and tags may be asked for, and are fetched; a commit has to be reachable from one of them. `heads/` or `tags/` in front says the kind. By default `ref` alone.",
    ),
  deadline: duration("1s", "24h")
    .prefault(defaults.config.deadline)
    .describe("How long fetching is tried again before the run is held."),
  poll: duration("30s", "24h")
    .exactOptional()
    .describe(
      "How often the server is asked whether `ref` has a new commit; where it has, a run is made. Without it the role's [schedule](schedules.md) alone says when.",
    ),
  ssh: map({
    key: absolutePath.exactOptional().describe("The private key."),
    knownHosts: absolutePath
      .exactOptional()
      .describe(
        "Host keys that are trusted. Without it `/etc/ssh/ssh_known_hosts` has to know the host; an unknown key is never accepted.",
      ),
  })
    .exactOptional()
    .describe("For URLs over ssh."),
  https: map({
    credentials: absolutePath.exactOptional().describe("A file in the format of git-credential-store."),
    ca: absolutePath.exactOptional().describe("A bundle of certificates that sign the git server's."),
  })
    .exactOptional()
    .describe("For URLs over https."),
  signers: absolutePath
    .exactOptional()
    .describe("An allowed-signers file of ssh. With it, a commit that none of them signed is refused."),
  since: text("the whole id of a commit, 40 digits from 0 to f", "commit id", (value) => /^[0-9a-f]{40}$/.test(value))
    .exactOptional()
    .describe(
      "A commit that every commit that is applied has to descend from (or be), whatever ref or id is asked for. It binds instances to this repo, and to no older state of it.",
    ),
  allowRewrite: yesNo()
    .prefault(defaults.config.allowRewrite)
    .describe("Whether a branch may move to a commit that does not contain the one applied last."),
  allowPlainHttp: yesNo()
    .prefault(defaults.config.allowPlainHttp)
    .describe("Whether `url` may be `http://`, which proves nothing about who answers."),
});

const dns = map({
  server: host.describe("The server that takes signed updates (RFC 2136)."),
  port: port.prefault(defaults.dns.port).describe("Its port."),
  key: absolutePath.describe("The TSIG key, a file as `tsig-keygen` writes it."),
});

const local = map({
  haproxy: map({ socket: socket.describe("HAProxy's runtime API: `host:port` or the path of its socket.") })
    .exactOptional()
    .describe("The balancer of the local cloud. Without it no role can register."),
  dns: dns.exactOptional().describe("The DNS server of the local cloud. Without it no role can publish a name."),
});

const trustedExpected = `${[...steerable, "tag.KEY"].slice(0, -1).join(", ")} or tag.KEY`;

const trusted = text(trustedExpected, `${steerable.map((word) => `\`${word}\``).join(", ")}, \`tag.KEY\``)
  .superRefine((value, context) => {
    if (isTrusted(value)) return;
    const params = { found: value, valid: steerable };
    context.addIssue({ code: "custom", message: trustedExpected, params });
  })
  .transform((value): Trusted => (isTrusted(value) ? value : "role"));

/** The settings as files hold them. */
export const settingsSchema = map({
  cloud: oneOf(clouds).describe(
    "Where identity, balancers and names come from. `aws`: EC2, target groups, Route 53 ([On AWS](aws.md)). `local`: machines outside AWS.",
  ),
  config: config.describe("Where the configuration comes from, and what of it is trusted."),
  tags: map({
    prefix: text(
      "up to 64 letters, digits and _.:/=+-@, not beginning with aws:",
      "text",
      (value) => /^[\w.:/=+@-]{1,64}$/.test(value) && !/^aws:/i.test(value),
    )
      .prefault(defaults.tags.prefix)
      .describe("What the keys of muster's tags begin with."),
    trust: list(trusted, `a list of ${steerable.join(", ")} and tag.KEY`)
      .prefault([...defaults.tags.trust])
      .describe(
        "What tags may steer, and as `tag.KEY` those that templates of the catalogue may use (`{tag.KEY}`). A person who may write tags can do this much and no more.",
      ),
  })
    .prefault({})
    .describe("Which tags steer this instance. See [tags](tags.md)."),
  defaults: map({
    role: plainName("a role").exactOptional().describe("The role of an instance whose tags name none."),
    environment: plainName("an environment")
      .exactOptional()
      .describe("The environment of an instance whose tags name none."),
  })
    .prefault({})
    .describe("Used where no trusted tag says it."),
  onFailure: oneOf(["hold", "abandon"])
    .prefault(defaults.onFailure)
    .describe(
      "What becomes of an instance that does not pass. `hold`: it stays out of service, says why, and tries again. `abandon`, on `aws`: its launch hook tells Auto Scaling to replace it as well.",
    ),
  lifecycle: map({
    hooks: list(
      text("the name of a lifecycle hook, or a pattern with *", "name or pattern", (value) =>
        /^[A-Za-z0-9\-_/*]{1,255}$/.test(value),
      ),
      "a list of names of lifecycle hooks",
    )
      .exactOptional()
      .describe(
        "On `aws`: which hooks of the Auto Scaling group muster completes, by name; `*` is any text. Without it the only launch hook and the only termination hook; of several none, and it says so.",
      ),
  })
    .prefault({})
    .describe("Hooks of the Auto Scaling group. See [On AWS](aws.md#auto-scaling)."),
  clock: map({
    wait: duration("0s", "1h")
      .prefault(defaults.clock.wait)
      .describe("How long a run waits for a synchronised clock before it goes on and says so."),
  })
    .prefault({})
    .describe("The first gate of a run."),
  retry: map({
    held: map({
      first: duration("1s", "24h")
        .prefault(defaults.retry.held.first)
        .describe("The longest wait before the first retry; it doubles each time."),
      max: duration("1s", "24h").prefault(defaults.retry.held.max).describe("The longest wait there is."),
    })
      .prefault({})
      .describe("Between the runs of a held instance. Every wait is drawn at random below its bound."),
  })
    .prefault({})
    .describe("When to try again."),
  log: oneOf(["plain", "json"])
    .prefault(defaults.log)
    .describe(
      "`plain`: a story for the journal, JSON lines to a file in `/var/log/muster`. `json`: JSON lines to standard output.",
    ),
  metrics: map({
    textfile: text(
      "an absolute path that ends in .prom",
      "path",
      (value) => isAbsolutePath(value) && value.endsWith(".prom"),
    )
      .exactOptional()
      .describe(
        "A file for the textfile collector of node_exporter. Without it the control socket alone tells metrics. See [monitoring](monitoring.md).",
      ),
    listen: text("a loopback address and a port, such as 127.0.0.1:9180", "address:port", isLoopback)
      .transform(splitHostPort)
      .transform(({ host, port }) => ({ host, port: Number(port) }))
      .exactOptional()
      .describe(
        "Where `/metrics` and `/healthz` (200 in service, else 503) are served over HTTP to every user of this machine, and nothing else. Loopback addresses alone.",
      ),
  })
    .prefault({})
    .describe("What monitoring reads."),
  dns: map({
    zones: list(tagZone, "a list of maps of zone, names")
      .prefault([])
      .describe("Where the tag `muster:dns` may name instances. Without any, nowhere."),
  })
    .prefault({})
    .describe("What tags may say about names; what the catalogue says needs no permission. See [tags](tags.md)."),
  aws: map({
    credentials: oneOf(credentialSources)
      .prefault(defaults.aws.credentials)
      .describe(
        "Where credentials come from. `instance`: the role of the instance profile alone. `chain`: what the AWS SDK finds first in variables, `~/.aws`, web identity or container endpoints, and the role where it finds nothing.",
      ),
  })
    .prefault({})
    .describe("How AWS is asked; on `aws` alone. See [On AWS](aws.md#credentials)."),
  proxy,
  local: local.prefault({}).describe("What the local cloud consists of; not on `aws`."),
}).describe("/etc/muster/muster.yaml and /etc/muster/conf.d/*.yaml");

export type SettingsInput = z.output<typeof settingsSchema>;

function isLoopback(value: string): boolean {
  const { host, port } = splitHostPort(value);
  if (!(Number(port) >= 1 && Number(port) <= 65_535)) return false;
  return host === "::1" || parseIpv4(host)?.startsWith("127.") === true;
}

function isSocket(value: string): boolean {
  if (value.startsWith("/")) return isAbsolutePath(value);
  const { host, port } = splitHostPort(value);
  return (isAddress(host) || isDnsName(host)) && /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535;
}

function toSocket(value: string) {
  if (value.startsWith("/")) return { path: value };
  const { host, port } = splitHostPort(value);
  return { host, port: Number(port) };
}

/** `[::1]:9999` as well. */
function splitHostPort(value: string): { host: string; port: string } {
  const [, six, four, port] = /^(?:\[([^\]]*)\]|([^:]*)):(\d+)$/.exec(value) ?? [];
  return { host: six ?? four ?? "", port: port ?? "" };
}
