// A config stage's input with everything filled in that a test does not speak of.
import type { CheckTarget } from "../../../../src/domain/check.ts";
import type { Role } from "../../../../src/domain/role.ts";
import type { ConfigSource } from "../../../../src/domain/settings.ts";
import type { ConfigInput } from "../../../../src/stages/config/result.ts";

type Change = Partial<Omit<ConfigInput, "source" | "selection">> & {
  readonly source?: Partial<ConfigSource>;
  readonly ref?: string;
  readonly role?: string;
};

export function inputOf({ source = {}, ref = "main", role = "web", ...rest }: Change): ConfigInput {
  const { applied } = rest;
  const mark = applied === undefined || applied.refKind === "commit" ? [] : [{ ...applied, kind: applied.refKind }];
  return {
    keep: [],
    marks: mark.map(({ kind, ref: name, commit }) => ({ kind, ref: name, commit })),
    offlineAllowed: true,
    ...rest,
    selection: { role: { value: role, from: "tag muster:role" }, ref: { value: ref, from: "settings" } },
    source: {
      url: "https://git.example.com/config.git",
      ref: "main",
      refs: ["main", "release/*"],
      deadlineMs: 600_000,
      allowRewrite: false,
      ...source,
    },
  };
}

export function role(name: string): Role {
  return {
    name,
    patch: { scope: "security", exclude: [], timeoutMs: 1, reboot: "never" },
    converge: [],
    health: { system: [], service: [], smoke: [], deadlineMs: 1, everyMs: 1, fall: 1, rise: 1 },
    register: [],
    dns: [],
    leave: { limitMs: 300_000, beforeStop: [], rebalance: "cordon", maintenance: "drain" },
    schedule: {},
  };
}

const targets: readonly CheckTarget[] = [
  { kind: "http", url: "http://127.0.0.1/", method: "GET", headers: { host: "x" }, status: 200, contains: "welcome" },
  { kind: "tcp", host: "127.0.0.1", port: 80 },
  { kind: "unit", unit: "nginx.service" },
  { kind: "command", run: { argv: ["true", "x"] }, exit: 0 },
  { kind: "command", run: { shell: "true" }, exit: 0, contains: "x" },
  { kind: "process", name: "nginx", min: 1, max: 9 },
  { kind: "disk", path: "/", free: { percent: 10 } },
  { kind: "memory", available: { bytes: 1024 } },
  { kind: "mount", path: "/srv", type: "ext4" },
  { kind: "file", path: "/etc/hosts", contains: "localhost", mode: "0644", owner: "root" },
];

const pacing = { intervalMs: 1, timeoutMs: 2, rise: 1, fall: 2 };

/** Everything that a role can hold. */
export const fullRole: Role = {
  name: "web",
  patch: { scope: "all", exclude: [], timeoutMs: 1, reboot: "when-required" },
  converge: [
    { engine: "puppet", manifest: "site.pp", modules: ["m"], hiera: "hiera.yaml", environment: "dev", timeoutMs: 1 },
  ],
  health: {
    system: targets.map((target, index) => ({ name: `check ${index}`, target, pacing })),
    service: [],
    smoke: [],
    deadlineMs: 1,
    everyMs: 1,
    fall: 1,
    rise: 1,
  },
  register: [{ targetGroup: "web-{environment}", port: 80, deadlineMs: 1, drainMs: 1, minimumHealthy: { count: 1 } }],
  dns: [{ zone: "example.internal", name: "web", type: "CNAME", ttl: 30, value: "x" }],
  leave: { limitMs: 300_000, beforeStop: [], rebalance: "cordon", maintenance: "drain" },
  schedule: { converge: "*/30 * * * *" },
};
