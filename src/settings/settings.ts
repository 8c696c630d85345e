import { formatPosition } from "../domain/settings/problem.ts";
import type { Provenance, Settings } from "../domain/settings/settings.ts";
import { readDocument, type Kind } from "./document.ts";
import { settingsRules } from "./settings-rules.ts";
import { settingsSchema } from "./settings-schema.ts";
import type { SettingsInput } from "./settings-schema.ts";
import { leafPositions } from "./tree.ts";
import type { Tree } from "./tree.ts";
import type { TextFile } from "./yaml.ts";

/**
 * The settings, from the main file and its layers.
 * @param files the main file first, then `conf.d/*.yaml` in the order of their names
 * @throws InvalidFileError `settings-invalid` with every problem of every file
 */
export function parseSettings(files: readonly [TextFile, ...TextFile[]]): {
  settings: Settings;
  provenance: Provenance;
} {
  const { value, tree } = readSettingsTree(files);
  return {
    settings: toSettings(value),
    provenance: new Map(leafPositions(tree).map(([path, position]) => [path, formatPosition(position)])),
  };
}

/** The files as they are written, merged and validated. @throws InvalidFileError as `parseSettings` */
export function readSettingsTree(files: readonly TextFile[]): { value: SettingsInput; tree: Tree } {
  const kind: Kind = { code: "settings-invalid", subject: "The settings are" };
  return readDocument(kind, files, settingsSchema, settingsRules);
}

function toSettings(input: SettingsInput): Settings {
  const { config, local } = input;
  return {
    cloud: input.cloud,
    config: {
      url: config.url,
      ref: config.ref,
      refs: config.refs ?? [config.ref],
      deadlineMs: config.deadline,
      ...(config.poll === undefined ? {} : { pollMs: config.poll }),
      ...(config.ssh?.key === undefined ? {} : { sshKeyFile: config.ssh.key }),
      ...(config.ssh?.knownHosts === undefined ? {} : { knownHostsFile: config.ssh.knownHosts }),
      ...(config.https?.credentials === undefined ? {} : { credentialsFile: config.https.credentials }),
      ...(config.https?.ca === undefined ? {} : { caFile: config.https.ca }),
      ...(config.signers === undefined ? {} : { allowedSignersFile: config.signers }),
      ...(config.since === undefined ? {} : { since: config.since }),
      allowRewrite: config.allowRewrite,
    },
    tags: input.tags,
    dns: input.dns,
    defaults: input.defaults,
    onFailure: input.onFailure,
    lifecycle: input.lifecycle,
    clock: { waitMs: input.clock.wait },
    retry: { held: { firstMs: input.retry.held.first, maxMs: input.retry.held.max } },
    log: input.log,
    metrics: input.metrics,
    aws: input.aws,
    proxy: input.proxy,
    local: {
      ...(local.haproxy === undefined ? {} : { haproxy: local.haproxy }),
      ...(local.dns === undefined
        ? {}
        : { dns: { server: local.dns.server, port: local.dns.port, keyFile: local.dns.key } }),
    },
  };
}
