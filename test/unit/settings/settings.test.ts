import { expect, test } from "vitest";
import { InvalidFileError } from "../../../src/domain/settings/problem.ts";
import { parseSettings } from "../../../src/settings/settings.ts";
import { complaints } from "./complaints.ts";

const main = "/etc/muster/muster.yaml";

function parse(text: string, ...layers: string[]) {
  return parseSettings([
    { file: main, text },
    ...layers.map((layer, index) => ({ file: `/etc/muster/conf.d/${index}0.yaml`, text: layer })),
  ]);
}

const small = "cloud: local\nconfig: { url: https://git.example.com/ops/config.git }\n";

test("the smallest settings get every default", () => {
  expect(parse(small).settings).toEqual({
    cloud: "local",
    config: {
      url: "https://git.example.com/ops/config.git",
      ref: "main",
      refs: ["main"],
      deadlineMs: 600_000,
      allowRewrite: false,
    },
    tags: { prefix: "muster:", trust: ["role", "environment", "ref"] },
    dns: { zones: [] },
    defaults: {},
    onFailure: "hold",
    clock: { waitMs: 60_000 },
    retry: { held: { firstMs: 30_000, maxMs: 600_000 } },
    log: "plain",
    metrics: {},
    aws: { credentials: "instance" },
    lifecycle: {},
    proxy: {},
    local: {},
  });
});

test("every key is understood", () => {
  const { settings } = parse(`
cloud: local
config:
  url: git@git.example.com:ops/config.git
  ref: release/7
  refs: [main, "release/*"]
  deadline: 1h30m
  ssh: { key: /etc/muster/key, knownHosts: /etc/muster/known_hosts }
  https: { credentials: /etc/muster/credentials, ca: /etc/muster/ca.pem }
  signers: /etc/muster/signers
  allowRewrite: true
tags: { prefix: "ops/", trust: [role] }
defaults: { role: web, environment: dev }
onFailure: hold
clock: { wait: 0s }
retry: { held: { first: 1s, max: 2s } }
log: json
local:
  haproxy: { socket: "[fd00::4]:9999" }
  dns: { server: ns.example.internal, port: 5353, key: /etc/muster/tsig.key }
`);
  expect(settings).toMatchObject({
    config: {
      url: "git@git.example.com:ops/config.git",
      ref: "release/7",
      refs: ["main", "release/*"],
      deadlineMs: 5_400_000,
      sshKeyFile: "/etc/muster/key",
      knownHostsFile: "/etc/muster/known_hosts",
      credentialsFile: "/etc/muster/credentials",
      caFile: "/etc/muster/ca.pem",
      allowedSignersFile: "/etc/muster/signers",
      allowRewrite: true,
    },
    tags: { prefix: "ops/", trust: ["role"] },
    defaults: { role: "web", environment: "dev" },
    clock: { waitMs: 0 },
    retry: { held: { firstMs: 1000, maxMs: 2000 } },
    log: "json",
    local: {
      haproxy: { socket: { host: "fd00::4", port: 9999 } },
      dns: { server: "ns.example.internal", port: 5353, keyFile: "/etc/muster/tsig.key" },
    },
  });
});

test("later layers win: maps merge, lists and scalars replace", () => {
  const { settings, provenance } = parse(
    `${small}tags: { trust: [role, ref] }\nlocal: { haproxy: { socket: /run/haproxy.sock } }\n`,
    "config:\n  ref: dev\ntags: { trust: [environment] }\n",
    "# nothing yet\n",
    "config: { ref: next }\n",
  );
  expect(settings.config).toMatchObject({ url: "https://git.example.com/ops/config.git", ref: "next", refs: ["next"] });
  expect(settings.tags).toEqual({ prefix: "muster:", trust: ["environment"] });
  expect(settings.local.haproxy?.socket).toEqual({ path: "/run/haproxy.sock" });
  expect(Object.fromEntries(provenance)).toEqual({
    cloud: `${main}:1:8`,
    "config.url": `${main}:2:16`,
    "config.ref": "/etc/muster/conf.d/20.yaml:1:16",
    "tags.trust": "/etc/muster/conf.d/00.yaml:3:16",
    "local.haproxy.socket": `${main}:4:29`,
  });
});

test("every error of every layer is said at once, in the order of the files", () => {
  const text = `cloud: azure
config:
  ulr: https://git.example.com/ops/config.git
  ref: 1.10
  deadline: 30
  allowRewrite: yes
  refs: main
onFailure: abandn
tag: {}
log: pretty
tags: { trust: [roles], prefix: "AWS:x" }
`;
  const layer = "local:\n  haproxy: { socket: 'a:b' }\n  dns: { server: 10.0.0.5, port: '53', key: c2VjcmV0 }\n";
  expect(complaints(() => parse(text, layer))).toEqual([
    `${main}:1:8: cloud: expected aws or local, found "azure"`,
    `${main}:3:3: config.url: missing, expected an https://, ssh:// or file:// URL, or user@host:path`,
    `${main}:3:3: config: unknown key "ulr", expected url, ref, refs, deadline, poll, ssh, https, signers, since, allowRewrite, allowPlainHttp; did you mean "url"?`,
    `${main}:4:8: config.ref: expected a branch, a tag or a commit, found the number 1.10; put it in quotes`,
    `${main}:5:13: config.deadline: expected a duration from 1s to 24h, such as 90s, 5m or 1h30m, found the number 30; give it a unit`,
    `${main}:6:17: config.allowRewrite: expected true or false, found "yes"; write true`,
    `${main}:7:9: config.refs: expected a list of branches, tags or globs of them, found "main"`,
    `${main}:8:12: onFailure: expected hold or abandon, found "abandn"; did you mean "abandon"?`,
    `${main}:9:1: unknown key "tag", expected cloud, config, tags, defaults, onFailure, lifecycle, clock, retry, log, metrics, dns, aws, proxy, local; did you mean "tags"?`,
    `${main}:10:6: log: expected plain or json, found "pretty"`,
    `${main}:11:17: tags.trust[0]: expected role, environment, ref, dns, weight, pause or tag.KEY, found "roles"; did you mean "role"?`,
    `${main}:11:33: tags.prefix: expected up to 64 letters, digits and _.:/=+-@, not beginning with aws:, found "AWS:x"`,
    '/etc/muster/conf.d/00.yaml:2:22: local.haproxy.socket: expected host:port or the absolute path of a socket, found "a:b"',
    '/etc/muster/conf.d/00.yaml:3:34: local.dns.port: expected a port from 1 to 65535, found "53"; take the quotes away',
    "/etc/muster/conf.d/00.yaml:3:45: local.dns.key: expected an absolute path, found something else",
  ]);
});

test("aws is a cloud of its own: no local section, and Auto Scaling to tell", () => {
  const aws = "cloud: aws\nconfig: { url: https://git.example.com/ops/config.git }\nonFailure: abandon\n";
  expect(parse(aws).settings).toMatchObject({ cloud: "aws", onFailure: "abandon", local: {} });
  expect(complaints(() => parse(`${aws}local: {}\n`))).toEqual([
    `${main}:4:8: local: expected no local section, because cloud: aws has target groups and Route 53, found a map`,
  ]);
  expect(complaints(() => parse(`${small}onFailure: abandon\n`))).toEqual([
    `${main}:3:12: onFailure: expected hold, because cloud: local has no Auto Scaling to tell, found "abandon"`,
  ]);
});

test("the error has a code, a headline with the count, and problems as data", () => {
  let thrown: unknown;
  try {
    parse("cloud: local\n");
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(InvalidFileError);
  expect(thrown).toMatchObject({
    code: "settings-invalid",
    transient: false,
    problems: [
      { file: main, line: 1, column: 1, message: expect.stringMatching(/^config: missing, expected a map/) as unknown },
    ],
  });
  expect((thrown as Error).message.split("\n")[0]).toBe("The settings are not valid, 1 problem:");
});

test.each([
  ["https://git.example.com/a.git", true],
  ["ssh://git@git.example.com:2222/a.git", true],
  ["git@git.example.com:a.git", true],
  ["file:///srv/git/a.git", true],
  ["https://user@git.example.com/a.git", true],
  ["http://git.example.com/a.git", false],
  ["https://user:secret@git.example.com/a.git", false],
  ["file://host/a.git", false],
  ["ext::sh -c id", false],
  ["git://git.example.com/a.git", false],
  ["-oProxyCommand=id", false],
  ["ssh://-oProxyCommand=id/x", false],
  ["git@git.example.com:-x", false],
  ["/srv/git/a.git", false],
  ["https://", false],
])("config.url %s: allowed is %s", (url, isAllowed) => {
  const work = () => parse(`cloud: local\nconfig: { url: ${JSON.stringify(url)} }\n`);
  if (isAllowed) expect(work().settings.config.url).toBe(url);
  else expect(complaints(work)).toHaveLength(1);
});

test("a password in the URL is refused and not repeated", () => {
  const [line = ""] = complaints(() =>
    parse("cloud: local\nconfig: { url: 'https://ops:secret@git.example.com/a' }\n"),
  );
  expect(line).toContain("a URL without a password");
  expect(line).not.toContain("secret");
});

test("plain http has to be asked for", () => {
  const url = "http://git.example.com/a.git";
  expect(parse(`cloud: local\nconfig: { url: "${url}", allowPlainHttp: true }\n`).settings.config.url).toBe(url);
});

test("values that do not fit beside each other, said beside values that are wrong by themselves", () => {
  const text = `cloud: local
config: { url: "http://git.example.com/a.git", refs: ["release/*", next], deadline: soon }
retry: { held: { first: 1h } }
`;
  expect(complaints(() => parse(text))).toEqual([
    `${main}:2:9: config.ref: expected a ref that config.refs allows (release/*, next), found "main"`,
    `${main}:2:16: config.url: expected https:// rather than http:// (or config.allowPlainHttp: true), found "http://git.example.com/a.git"`,
    `${main}:2:85: config.deadline: expected a duration from 1s to 24h, such as 90s, 5m or 1h30m, found "soon"`,
    `${main}:3:25: retry.held.first: expected no more than retry.held.max (10m), found 1h`,
  ]);
});

test("a commit is reachable from its branches, which only the repo knows", () => {
  const { config } = parse("cloud: local\nconfig: { url: file:///a, ref: 0a1b2c3d, refs: [main] }\n").settings;
  expect(config.ref).toBe("0a1b2c3d");
});

test("a tag may name instances in the zones that are listed, under the names that are", () => {
  const zones =
    "[{ zone: Example.internal, names: [web-*, '@'] }, { zone: example.com, names: [www], visibility: public }, { zone: example.com, zoneId: Z0123456789ABCDEFGHIJ, names: [www] }]";
  const { dns } = parse(`${small}dns: { zones: ${zones} }\n`).settings;
  expect(dns.zones).toEqual([
    { zone: "example.internal", names: ["web-*", "@"], ttl: 30, routing: "multivalue" },
    { zone: "example.com", names: ["www"], ttl: 30, routing: "multivalue", visibility: "public" },
    { zone: "example.com", zoneId: "Z0123456789ABCDEFGHIJ", names: ["www"], ttl: 30, routing: "multivalue" },
  ]);
});

test("zones without names, names that are none, and weights where there are none are mistakes", () => {
  const zones =
    "[{ zone: a.b }, { zone: a.b, names: [] }, { zone: a.b, names: ['w w'] }, { zone: a.b, names: [w], routing: weighted }]";
  expect(
    complaints(() => parse(`${small}dns: { zones: ${zones} }\n`)).map((line) => line.replace(/^.*?: /, "")),
  ).toEqual([
    "dns.zones[0].names: missing, expected a list of names relative to the zone, or globs of them",
    "dns.zones[1].names: expected at least one name, found a list",
    'dns.zones[2].names[0]: expected a name relative to the zone, a glob of them such as web-*, or @, found "w w"',
    'dns.zones[3].routing: expected multivalue, because the DNS servers of cloud: local know no weights, found "weighted"',
  ]);
});

test.each([
  ["127.0.0.1:9180", { host: "127.0.0.1", port: 9180 }],
  ["127.8.9.10:80", { host: "127.8.9.10", port: 80 }],
  ["[::1]:9180", { host: "::1", port: 9180 }],
])("metrics are told on the loopback address %s", (listen, expected) => {
  expect(parse(`${small}metrics: { listen: "${listen}" }\n`).settings.metrics.listen).toEqual(expected);
});

test.each([
  "0.0.0.0:9180",
  "10.0.0.1:9180",
  "[::]:9180",
  "localhost:9180",
  "127.0.0.1",
  "127.0.0.1:0",
  "127.1:80",
  ":9180",
])("metrics are not told on %s, which others may reach or nobody knows", (listen) => {
  expect(() => parse(`${small}metrics: { listen: "${listen}" }\n`)).toThrow(InvalidFileError);
});
