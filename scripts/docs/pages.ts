import { jsonSchemaOf } from "../../src/settings/json-schema.ts";
import { errorsPage } from "./errors.ts";
import { lifecyclePage } from "./lifecycle.ts";
import { preflightPage } from "./preflight.ts";
import { reference } from "./reference.ts";
import { timelinePicture } from "./timeline.ts";

const generated = "<!-- Written by `npm run docs` from the schemas in src/settings and the words in scripts/docs. -->";

/** The pages of docs/ that are written from the sources, by file name. */
export function pages(): ReadonlyMap<string, string> {
  return new Map([
    ["docs/settings.md", settingsPage()],
    ["docs/catalogue.md", cataloguePage()],
    ["docs/errors.md", errorsPage()],
    ["docs/lifecycle.md", lifecyclePage()],
    ["docs/preflight.md", preflightPage()],
    ["docs/timeline.svg", timelinePicture()],
  ]);
}

const amounts = `Durations are written as \`500ms\`, \`90s\`, \`5m\`, \`1h30m\`, \`1d\`; sizes as \`512M\` or \`2GiB\` (1 K is
1024 bytes); percentages as \`10%\`.`;

const howErrorsLook = `A file is either valid as a whole or not used at all. Every error is shown at once, with its place, what was
expected, what was found, and the nearest name that is valid:`;

function settingsPage(): string {
  return `${generated}

# Settings

The settings belong to the image: which cloud, which config repo, which keys to trust. They are read from
\`/etc/muster/muster.yaml\` and then from \`/etc/muster/conf.d/*.yaml\` in the order of their names (files whose
names begin with a dot are passed over). Later files win: maps merge key by key, lists and single values replace.
The catalogue, which says what a role is, lives in the config repo: see [catalogue.md](catalogue.md).

\`\`\`yaml
# /etc/muster/muster.yaml
cloud: local
config:
  url: https://git.example.com/ops/config.git
  ref: main
  refs: [main, "release/*"]
tags: { prefix: "muster:", trust: [role, environment, ref] }
onFailure: hold
local:
  haproxy: { socket: "10.0.0.4:9999" }
  dns: { server: 10.0.0.5, key: /etc/muster/tsig.key }
\`\`\`

${howErrorsLook}

\`\`\`
$ muster check
/etc/muster/muster.yaml:3:3: config.url: missing, expected an https://, ssh:// or file:// URL, or user@host:path
/etc/muster/muster.yaml:3:3: config: unknown key "ulr", expected url, ref, refs, deadline, poll, ssh, https, signers, allowRewrite, allowPlainHttp; did you mean "url"?
/etc/muster/conf.d/10-site.yaml:1:16: clock.wait: expected a duration from 0s to 1h, such as 90s, 5m or 1h30m, found the number 60; give it a unit
\`\`\`

\`muster schema settings\` prints the same rules as a JSON Schema for editors. The files are YAML 1.2: \`yes\` and
\`on\` are texts, every key is unique, and a file holds one document of at most 1 MiB.

Only root may be able to change these files and \`instance.yaml\`, and those that they name under \`ssh\`, \`https\`,
\`signers\`, \`proxy\` and \`local.dns\`: a file that another user or a group may write, or that lies in such a directory, is refused
(\`settings-writable-by-others\`), as sshd refuses its own. A directory with the sticky bit, such as \`/tmp\`, may lie further
up on the way. \`muster check\` tells all of them at once; of settings elsewhere (\`--settings\`) it only warns.

The daemon reads them when it starts and at \`systemctl reload muster\`, which
[ends no run and leaves no service](lifecycle.md#restart-reload-upgrade); every key may change by it.

${amounts}

## Keys

${reference(jsonSchemaOf("settings"), "muster.yaml")}
In the globs of \`config.refs\`, \`*\` stands for any text without a slash, \`**\` for any text, \`?\` for one character.

## The instance file

On \`cloud: aws\` none of \`local\` applies, and the metadata service says who the instance is: see [On AWS](aws.md). On
\`cloud: local\`, \`/etc/muster/instance.yaml\` says what the metadata service of a cloud would have said. It is
read at the start of every run.

\`\`\`yaml
id: i-0a1b2c3d4e5f60718
zone: local-a
tags: { "muster:role": web, "muster:environment": dev }
\`\`\`

${reference(jsonSchemaOf("instance"), "instance.yaml").trimEnd()}
`;
}

function cataloguePage(): string {
  return `${generated}

# Catalogue

The catalogue is the file \`muster.yaml\` at the root of the config repo. It says what each role is: how to patch,
converge, check, register and name an instance. Which role an instance has is said by its [tags](tags.md).

\`\`\`yaml
version: 1
roles:
  web:
    patch: { scope: security, reboot: when-required }
    converge:
      - puppet: { manifest: manifests/site.pp, modules: [site, modules], hiera: hiera.yaml }
    health:
      system:  [{ disk: { path: /, free: 10% } }]
      service: [{ unit: nginx.service }, { tcp: 80 }]
      smoke:   [{ http: { url: "http://127.0.0.1/", status: 200, contains: welcome } }]
    register:
      - { targetGroup: "web-{environment}", port: 80 }
    dns:
      - { zone: example.internal, name: "{role}-{instance.id}", type: A, ttl: 30 }
    schedule: { converge: "*/30 * * * *" }
\`\`\`

${howErrorsLook}

\`\`\`
$ muster check .
muster.yaml:4:21: roles.web.patch.scope: expected security, all or none, found "secuirty"; did you mean "security"?
muster.yaml:6:29: roles.web.converge[0].puppet.manifest: expected a file or a directory of the config repo, found nothing at manifest/site.pp
\`\`\`

What is valid and will hardly be wanted is a \`warning:\`, with exit status 0: a TTL over 30 seconds, which resolvers
do not forget in time at a spot notice.

Run \`muster check .\` in the CI of the config repo: it needs no settings, and also proves that the files which the
catalogue names are there. In a git checkout they have to be in its index too, since instances get what git holds and no
more of a working tree. A path that \`.gitignore\` excludes, that was not added, that is a [submodule or a file in
LFS](config-repo.md#submodules-and-lfs), and data of Hiera for which the same holds, is an error with the code
\`config-content-missing\`, the reason and the remedy:

\`\`\`
$ muster check .
muster.yaml:6:55: roles.web.converge[0].puppet.modules[0]: expected a path that git holds, found modules, ignored by .gitignore:3 (modules/); change that line, or git add --force modules [config-content-missing]
\`\`\`

One module that is ignored or a submodule, a file that was not added, or a file in LFS below such a path is a \`warning:\` with
\`config-content-partial\`. A directory that is not the root of a git checkout is taken as it is.

\`muster schema catalogue\` prints a JSON Schema for editors. The file is YAML 1.2: every
key is unique, anchors and aliases work, merge keys (\`<<\`) do not.

${amounts}

## Templates

\`targetGroup\`, \`classicLoadBalancer\`, and \`zone\`, \`name\` and \`value\` of a record, may hold variables in braces: \`{role}\`, \`{environment}\`,
\`{instance.id}\`, \`{instance.zone}\`, \`{instance.region}\`, \`{instance.account}\`, \`{instance.hostname}\`,
\`{instance.publicIpv4}\` (for records that the world shall find), and \`{tag.KEY}\` for the tag of exactly that key, which \`tags.trust\` of the settings has to list as \`tag.KEY\`. A value that holds anything but letters, digits and \`. _ : @ -\` is refused.

## Checks

A check is a map of one kind (\`http\`, \`tcp\`, \`unit\`, \`command\`, \`process\`, \`disk\`, \`memory\`, \`mount\`, \`file\`) and,
where the defaults do not fit, its pacing:

\`\`\`yaml
service:
  - { tcp: 5432, name: database, interval: 5s, timeout: 2s, rise: 2 }
  - { command: [/usr/bin/pg_isready, -q] }
  - { process: { name: postgres, min: 2 } }
\`\`\`

All checks of a role are made side by side, again and again until every one has passed or the deadline is over.

## Keys

${reference(jsonSchemaOf("catalogue"), "muster.yaml").trimEnd()}
`;
}
