import type { Identity, Tags } from "../../../src/domain/instance/instance.ts";
import type { Settings } from "../../../src/domain/settings/settings.ts";

/** Settings that trust the tags role, environment and ref. */
export const settings: Settings = {
  cloud: "local",
  config: { url: "file:///srv/config.git", ref: "main", refs: ["main"], deadlineMs: 1, allowRewrite: false },
  tags: { prefix: "muster:", trust: ["role", "environment", "ref"] },
  dns: { zones: [] },
  defaults: {},
  onFailure: "hold",
  clock: { waitMs: 0 },
  retry: { held: { firstMs: 1, maxMs: 1 } },
  log: "plain",
  metrics: {},
  aws: { credentials: "instance" },
  lifecycle: {},
  proxy: {},
  local: {},
};

/** An instance with these tags and nothing else. */
export function withTags(tags: Tags): Identity {
  const addresses = { ipv4: [], ipv6: [] };
  const place = { account: "local", region: "local", zone: "local-a", hostname: "a" };
  return { instance: { id: "i-1", cloud: "local", ...place, addresses }, tags };
}
