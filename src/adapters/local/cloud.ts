import type { NoticeCode } from "../../domain/error-codes.ts";
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
import { createLocalNotices } from "./notices.ts";
import { noLifecycle } from "./no-lifecycle.ts";
import { createRfc2136Slots } from "./rfc2136-slots.ts";
import { createRfc2136, type Rfc2136Deps } from "./rfc2136.ts";
import { createTagFile } from "./tag-file.ts";

export type LocalCloudDeps = {
  readonly settings: Settings["local"];
  readonly files: StateFiles;
  readonly clock: Clock;
  readonly parseInstance: (text: string, file: string) => InstanceFile;
  /** Something that an operator should know and that stops nothing. */
  readonly onWarning: (code: NoticeCode, text: string) => void;
};

/** Machines outside AWS: a file says who they are, HAProxy and a DNS server are where the settings say. */
export function createLocalCloud({ settings, files, clock, parseInstance, onWarning }: LocalCloudDeps): CloudPorts {
  const { haproxy, dns } = settings;
  return {
    identity: createInstanceSource({ file: paths.localInstanceFile, parse: parseInstance }),
    lifecycle: noLifecycle,
    notices: createLocalNotices({ file: paths.localInstanceFile, parse: parseInstance, onWarning }),
    tags: createTagFile({ files }),
    ...(haproxy === undefined ? {} : { balancer: createHaproxy({ ask: createHaproxySocket(haproxy.socket), clock }) }),
    ...(dns === undefined ? {} : zonesAt({ at: dns, exec, clock })),
  };
}

function zonesAt(deps: Rfc2136Deps): Pick<CloudPorts, "dns" | "slots"> {
  return { dns: createRfc2136(deps), slots: createRfc2136Slots(deps) };
}
