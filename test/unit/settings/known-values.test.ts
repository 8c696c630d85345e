import { expect, test } from "vitest";
import type { KnownValue } from "../../../src/domain/settings/known-value.ts";
import { knownRole, knownSettings } from "../../../src/settings/known-values.ts";

const main = {
  file: "/etc/muster/muster.yaml",
  text: `cloud: local
config: { url: "https://token@git.example.com/ops/config.git", refs: [main, "release/*"] }
retry: { held: { first: 5s } }
local: { dns: { server: 10.0.0.5, key: /etc/muster/tsig.key } }
`,
};

function lines(values: readonly KnownValue[]): readonly string[] {
  return values.map(({ path, value, from }) => `${path} = ${value} <- ${from ?? "default"}`);
}

test("settings: what is written has its place, in whichever layer; the rest is a default", () => {
  const layer = { file: "/etc/muster/conf.d/10-site.yaml", text: "retry: { held: { first: 9s } }\nlog: json\n" };
  expect(lines(knownSettings([main, layer]))).toEqual([
    "cloud = local <- /etc/muster/muster.yaml:1:8",
    "config.url = https://…@git.example.com/ops/config.git <- /etc/muster/muster.yaml:2:16",
    "config.ref = main <- default",
    "config.refs = main, release/* <- /etc/muster/muster.yaml:2:70",
    "config.deadline = 10m <- default",
    "config.allowRewrite = false <- default",
    "config.allowPlainHttp = false <- default",
    "tags.prefix = muster: <- default",
    "tags.trust = role, environment, ref <- default",
    "onFailure = hold <- default",
    "clock.wait = 60s <- default",
    "retry.held.first = 9s <- /etc/muster/conf.d/10-site.yaml:1:25",
    "retry.held.max = 10m <- default",
    "log = json <- /etc/muster/conf.d/10-site.yaml:2:6",
    "dns.zones = none <- default",
    "aws.credentials = instance <- default",
    "local.dns.server = 10.0.0.5 <- /etc/muster/muster.yaml:4:25",
    "local.dns.port = 53 <- default",
    "local.dns.key = /etc/muster/tsig.key <- /etc/muster/muster.yaml:4:40",
  ]);
});

const catalogue = `version: 1
roles:
  web:
    health:
      smoke:
        - http: { url: "http://127.0.0.1/", headers: { Authorization: Bearer hunter2 } }
          rise: 2
      service: [{ tcp: 80 }, { command: { run: [grep, -q, x, /etc/x] } }]
    register: [{ targetGroup: { tag: { key: fleet, value: "{role}" } }, port: 80 }]
  db: {}
`;

test("a role: lists by their position, forms of a value told apart, headers kept to themselves", () => {
  const values = knownRole(catalogue, "muster.yaml@1a2b3c4", "web");
  const written = lines(values).filter((line) => !line.endsWith("<- default"));
  expect(written).toEqual([
    "health.service[0].tcp = 80 <- muster.yaml@1a2b3c4:8:24",
    "health.service[1].command.run = grep, -q, x, /etc/x <- muster.yaml@1a2b3c4:8:48",
    "health.smoke[0].http.url = http://127.0.0.1/ <- muster.yaml@1a2b3c4:6:24",
    "health.smoke[0].http.headers.Authorization = (not shown) <- muster.yaml@1a2b3c4:6:71",
    "health.smoke[0].rise = 2 <- muster.yaml@1a2b3c4:7:17",
    "register[0].targetGroup.tag.key = fleet <- muster.yaml@1a2b3c4:9:45",
    "register[0].targetGroup.tag.value = {role} <- muster.yaml@1a2b3c4:9:59",
    "register[0].port = 80 <- muster.yaml@1a2b3c4:9:79",
  ]);
  const paths = values.map(({ path }) => path);
  expect(paths).toEqual(expect.arrayContaining(["patch.scope", "health.smoke[0].fall", "register[0].drain"]));
  expect(new Set(paths).size, "each once").toBe(paths.length);
});

test("a role that is not there has no values; one without a word has its defaults", () => {
  expect(knownRole(catalogue, "muster.yaml", "none")).toEqual([]);
  expect(lines(knownRole(catalogue, "muster.yaml", "db"))).toContain("patch.scope = security <- default");
});
