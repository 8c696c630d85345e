import { instancePaths, type Services } from "../../test/lab/services/services.ts";

/** /etc/muster/instance.yaml: what the metadata service would have said. */
export const instanceFile = `\
id: i-0a1b2c3d4e5f60718
zone: local-a
tags: { "muster:role": web, "muster:environment": dev }
`;

/** /etc/muster/muster.yaml: what is baked into the image. */
export function settings({ git, haproxy, dns }: Services, repo: string): string {
  return `\
cloud: local
config:
  url: ${git.url("https", repo, { byName: true })}
  ref: main
  https: { ca: ${instancePaths.gitCa} }
local:
  haproxy: { socket: "${haproxy.runtime.host}:${haproxy.runtime.port}" }
  dns: { server: ${dns.address}, key: ${instancePaths.dnsKey} }
`;
}
