import { stringify } from "yaml";

const web = {
  patch: { scope: "security" },
  converge: [{ puppet: { manifest: "site.pp", modules: ["modules"] } }],
  health: { service: [{ unit: "nginx.service" }], deadline: "20s" },
  register: [{ targetGroup: "web-{environment}", port: 80 }],
  dns: [{ zone: "example.internal", name: "{instance.id}", type: "A", ttl: 30 }],
  schedule: { converge: "*/30 * * * *" },
};

/** A catalogue with the role `web`, changed by `over`. */
export function catalogue(over: Record<string, unknown> = {}): Record<string, string> {
  return { "muster.yaml": stringify({ version: 1, roles: { web: { ...web, ...over }, other: web } }) };
}
