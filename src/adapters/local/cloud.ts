import type { InstanceFile } from "../../domain/instance.ts";
import * as paths from "../../domain/paths.ts";
import type { Settings } from "../../domain/settings.ts";
import type { Clock } from "../../ports/clock.ts";
import type { CloudPorts } from "../../ports/cloud.ts";
import type { StateFiles } from "../../ports/state-files.ts";
import { exec } from "../host/exec.ts";
import { createHaproxySocket } from "./haproxy-socket.ts";
import { createHaproxy } from "./haproxy.ts";
import { createInstanceSource } from "./instance-source.ts";
import { noLifecycle } from "./no-lifecycle.ts";
import { createRfc2136 } from "./rfc2136.ts";
import { createTagFile } from "./tag-file.ts";

export type LocalCloudDeps = {
  readonly settings: Settings["local"];
  readonly files: StateFiles;
  readonly clock: Clock;
  readonly parseInstance: (text: string, file: string) => InstanceFile;
};

/** Machines outside AWS: a file says who they are, HAProxy and a DNS server are where the settings say. */
export function createLocalCloud({ settings, files, clock, parseInstance }: LocalCloudDeps): CloudPorts {
  const { haproxy, dns } = settings;
  return {
    identity: createInstanceSource({ file: paths.localInstanceFile, parse: parseInstance }),
    lifecycle: noLifecycle,
    tags: createTagFile({ files }),
    ...(haproxy === undefined ? {} : { balancer: createHaproxy({ ask: createHaproxySocket(haproxy.socket), clock }) }),
    ...(dns === undefined ? {} : { dns: createRfc2136({ at: dns, exec, clock }) }),
  };
}
