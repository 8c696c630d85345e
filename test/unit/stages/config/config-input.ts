// A config stage's input with everything filled in that a test does not speak of.
import type { Role } from "../../../../src/domain/role/role.ts";
import type { ConfigSource } from "../../../../src/domain/settings/settings.ts";
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
    leave: { limitMs: 300_000, beforeStop: [], rebalance: "cordon", cordonMs: 21_600_000, maintenance: "drain" },
    schedule: {},
  };
}
