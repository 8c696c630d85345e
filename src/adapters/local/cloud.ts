import type { LogNoticeCode } from "../../domain/errors/error-codes.ts";
import type { InstanceFile } from "../../domain/instance/instance.ts";
import * as paths from "../../domain/settings/paths.ts";
import type { Settings } from "../../domain/settings/settings.ts";
import type { Clock } from "../../ports/clock.ts";
import type { CloudPorts } from "../../ports/cloud.ts";
import type { StateFiles } from "../../ports/state-files.ts";
import { exec } from "../host/exec.ts";
import { createRunLock } from "../host/run-lock.ts";
import { createHaproxySocket } from "./haproxy-socket.ts";
import { createHaproxy } from "./haproxy.ts";
import { createInstanceReader, createInstanceSource } from "./instance-source.ts";
import { createLocalNotices } from "./notices.ts";
import { noLifecycle } from "./no-lifecycle.ts";
import { localPace } from "./pace.ts";
import { createRfc2136Slots } from "./rfc2136-slots.ts";
import { createRfc2136, type Rfc2136Deps } from "./rfc2136.ts";
import { addedTagFile, createTagFile, ownTagFile } from "./tag-file.ts";
import { createLocalTagStore } from "./tag-store.ts";

export type LocalCloudDeps = {
  readonly settings: Settings["local"];
  readonly files: StateFiles;
  readonly clock: Clock;
  readonly parseInstance: (text: string, file: string) => InstanceFile;
  /** Reports a notice that does not stop the work. */
  readonly onWarning: (code: LogNoticeCode, text: string) => void;
};

/** Machines outside AWS: a file holds the identity, and the settings name HAProxy and a DNS server. */
export function createLocalCloud({ settings, files, clock, parseInstance, onWarning }: LocalCloudDeps): CloudPorts {
  const { haproxy, dns } = settings;
  const file = paths.localInstanceFile;
  const readInstance = createInstanceReader({ file, parse: parseInstance });
  const own = createTagFile({ files, name: ownTagFile });
  const added = createTagFile({ files, name: addedTagFile });
  return {
    pace: localPace,
    identity: createInstanceSource({ file, readInstance, added: { read: (signal) => added.readWhole(signal) } }),
    lifecycle: noLifecycle,
    notices: createLocalNotices({ readInstance, onWarning }),
    tags: own,
    tagStore: createLocalTagStore({
      ...{ file, own, added, readInstance },
      lock: createRunLock(paths.tagLockFile, clock),
    }),
    ...(haproxy === undefined ? {} : { balancer: createHaproxy({ ask: createHaproxySocket(haproxy.socket), clock }) }),
    ...(dns === undefined ? {} : zonesAt({ at: dns, exec, clock })),
  };
}

function zonesAt(deps: Rfc2136Deps): Pick<CloudPorts, "dns" | "slots"> {
  return { dns: createRfc2136(deps), slots: createRfc2136Slots(deps) };
}
