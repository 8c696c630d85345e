import type { TemplateFacts } from "../../../src/domain/role/template.ts";

/** Of an instance that templates are rendered for. */
export const facts: TemplateFacts = {
  role: "web",
  environment: "dev",
  identity: {
    instance: {
      id: "i-0a1b",
      cloud: "local",
      account: "local",
      region: "local",
      zone: "local-a",
      addresses: { ipv4: ["10.0.0.1", "10.0.0.2"], ipv6: ["2001:DB8::1"] },
      hostname: "web1",
    },
    tags: { "muster:team": "ops", owner: "_Muster.web" },
  },
};
