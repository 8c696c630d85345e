import { leaveDefaults } from "../domain/membership/leaving.ts";

/** The defaults of settings and catalogue, in the form in which people write them. */

export const settingsDefaults = {
  config: { ref: "main", deadline: "10m", allowRewrite: false, allowPlainHttp: false },
  tags: { prefix: "muster:", trust: ["role", "environment", "ref"] },
  onFailure: "hold",
  clock: { wait: "60s" },
  retry: { held: { first: "30s", max: "10m" } },
  log: "plain",
  aws: { credentials: "instance" },
  dns: { port: 53 },
  tagZone: { ttl: 30, routing: "multivalue" },
} as const;

export const roleDefaults = {
  patch: { scope: "security", reboot: "when-required", timeout: "30m" },
  puppet: { environment: "production", timeout: "30m" },
  health: { deadline: "10m", every: "10s", fall: 3, rise: 3 },
  register: { deadline: "5m", drain: "30s", classicPort: 80 },
  dns: { ttl: 30 },
  leave: leaveDefaults,
  slot: { count: 1, expires: "1h" },
  schedule: { splay: "1m", patch: { window: "2h" } },
} as const;

export const checkDefaults = {
  pacing: { interval: "2s", timeout: "5s", rise: 1, fall: 3 },
  http: { method: "GET", status: 200 },
  tcp: { host: "127.0.0.1" },
  command: { exit: 0 },
  process: { min: 1 },
} as const;
