import { expect, test } from "vitest";
import type { Json } from "../../../src/domain/text/canonical.ts";
import { createCatalogueReader } from "../../../src/settings/catalogue.ts";

const reader = createCatalogueReader();

/** A role that says everything a role can say. */
const everything = `version: 1
roles:
  web:
    patch: { scope: all, exclude: [kernel*], releasever: latest, reboot: never, timeout: 1m, onFailure: hold }
    converge:
      - puppet: { manifest: site.pp, modules: [modules], hiera: hiera.yaml, environment: production, timeout: 1m }
    health:
      system: [{ disk: { path: /, free: 10% } }, { memory: { available: 64M } }, { mount: /srv }]
      service: [{ unit: nginx.service }, { tcp: { host: localhost, port: 80 } }, { process: nginx }, { file: /etc/motd }]
      smoke: [{ http: { url: "http://127.0.0.1/", headers: { Host: web } }, interval: 1s }, { command: [test, -e, /] }]
      deadline: 1m
      every: 5s
      fall: 2
      rise: 2
      replaceAfter: 1h
    register:
      - { targetGroup: web, port: 80, deadline: 1m, drain: 1s, minimumHealthy: 50% }
      - { classicLoadBalancer: old, minimumHealthy: 1 }
    dns: [{ zone: example.internal, name: www, type: A, ttl: 30, routing: weighted, weight: 0, visibility: private }]
    slot: { zone: example.internal, name: web, count: 2, expires: 10m, visibility: private }
    leave:
      { limit: 1m, beforeStop: [{ run: "sync", timeout: 1s }], rebalance: drain, maintenance: ignore }
    schedule:
      { converge: "1 * * * *", drift: "2 * * * *", fetch: "3 * * * *", sweep: "4 * * * *", splay: 1m, patch: { at: "5 5 * * *", window: 1h } }
`;

const { pinned } = reader.read(everything, "muster.yaml", "web");
const entry = pinned?.entry ?? null;
const role = pinned?.role;

/** The entry with something put into it at a path. */
function changed(path: readonly (string | number)[], value: Json, inside: Json = entry): Json {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  const next = Object.entries(inside ?? {}).find(([key]) => key === String(step))?.[1] as Json | undefined;
  const member = changed(rest, value, next ?? {});
  if (!Array.isArray(inside)) return { ...(inside as object), [step]: member };
  const items = inside as readonly Json[];
  return Number(step) < items.length ? items.with(Number(step), member) : [...items, member];
}

test("a role is read again from its entry, every key of it", () => {
  expect(role).toBeDefined();
  expect(reader.role("web", JSON.parse(JSON.stringify(entry)) as Json)).toEqual(role);
});

test.each([
  ["a key of the role", ["canary"]],
  ["a key of a part", ["patch", "canary"]],
  ["a key of a converge step", ["converge", 0, "puppet", "canary"]],
  ["a key of a check", ["health", "smoke", 0, "http", "canary"]],
  ["a key of a form among others", ["health", "service", 1, "tcp", "canary"]],
  ["a key of a rule", ["register", 0, "canary"]],
  ["a key of a record", ["dns", 0, "canary"]],
  ["a key of a schedule", ["schedule", "patch", "canary"]],
  ["a kind of check", ["health", "smoke", 2], { grpc: "127.0.0.1:50051" }],
  ["an engine", ["converge", 1], { ansible: { playbook: "site.yaml" } }],
  ["a type of record", ["dns", 1], { zone: "example.internal", name: "www", type: "HTTPS", value: "x" }],
  ["a kind of balancer", ["register", 2], { mesh: "web" }],
] as [string, (string | number)[], Json?][])(
  "%s of a newer binary is passed over, and all else is kept",
  (_what, path, value = 1) => {
    expect(reader.role("web", changed(path, value))).toEqual(role);
  },
);

test("a word of a newer binary gives way to the default, and a time that is no time here to none", () => {
  const given = changed(["leave", "rebalance"], "hibernate", changed(["patch", "reboot"], "at-night"));
  expect(reader.role("web", changed(["schedule", "drift"], "@hourly", given))).toEqual({
    ...role,
    patch: { ...role?.patch, reboot: "when-required" },
    leave: { ...role?.leave, rebalance: "cordon" },
    schedule: Object.fromEntries(Object.entries(role?.schedule ?? {}).filter(([name]) => name !== "drift")),
  });
});

test("a part that lacks what it needs is left out whole", () => {
  const { slot: _slot, ...rest } = role ?? {};
  expect(reader.role("web", changed(["slot"], { ring: "blue" }))).toEqual(rest);
});

test.each([null, "web", [], 7])("%j is no role", (value) => {
  expect(reader.role("web", value)).toBeUndefined();
});
