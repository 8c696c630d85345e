import { ask, namesIn, readTail } from "../adapters/host/gather.ts";
import { writeGzipped } from "../adapters/host/output-file.ts";
import { beginningOfPath } from "../adapters/host/path-files.ts";
import type { BundleDeps } from "../cli/commands/bundle.ts";
import { buildInfo } from "../domain/settings/build-info.ts";
import { findEvidence, gatherEvidence, knownSecrets } from "../queries/bundle.ts";
import { readStatus } from "../queries/status.ts";
import { explainHere } from "./explain.ts";
import { machineView } from "./machine-view.ts";

/** For `muster bundle`. */
export function bundleDeps(): BundleDeps {
  const evidence = { namesIn, readTail, ask, beginningOf: beginningOfPath };
  return {
    muster: buildInfo,
    status: (now) => readStatus(machineView(), now),
    observe: explainHere,
    find: () => findEvidence(evidence),
    gather: (sources, signal) => gatherEvidence(evidence, sources, signal),
    secrets: () => knownSecrets(evidence),
    write: writeGzipped,
  };
}
