import { z } from "zod";
import { MusterError } from "../../domain/errors/errors.ts";
import { claimFile, isStateFile, stateDirectories, stateFileNames } from "../../domain/settings/own-state.ts";
import { startTypeOf, type StartType } from "../../domain/instance/start-type.ts";
import { stateFile } from "../../ports/state-file.ts";
import type { StateFiles } from "../../ports/state-files.ts";
import type { Journal } from "../state/journal.ts";

const claim = stateFile(claimFile, z.object({ id: z.string() }));

/** The instance that the state directory belongs to; undefined if it belongs to none yet. */
export async function stateOwner(files: StateFiles): Promise<string | undefined> {
  return (await claim.read(files))?.id;
}

const foreign = "state-of-another-instance";

/**
 * Records the owner of the state, before any other file of it is written.
 * @throws MusterError `state-of-another-instance` (transient): the next run removes it
 */
export async function claimState(files: StateFiles, id: string): Promise<void> {
  const owner = await stateOwner(files);
  if (owner === id) return;
  if (owner !== undefined) throw foreignState(owner, id);
  await claim.write(files, { id });
}

/** Whether a run found another instance's state only after it had begun. */
export function isForeignState(thrown: unknown): boolean {
  return thrown instanceof MusterError && thrown.code === foreign;
}

function foreignState(owner: string, id: string): MusterError {
  return new MusterError({
    code: foreign,
    message: `The state on this machine belongs to instance ${owner}, and this is ${id}`,
    hint: "Nothing of the other instance was touched; the next run removes its state.",
    transient: true,
  });
}

/**
 * Removes the state of the instance that the image was made from: every state file, those of a newer binary included, and
 * the mirror of the config repo and the worktrees too, because what was made with the image is not trusted. The claim
 * goes last, so that a kill in the middle repeats this.
 */
export async function resetState(files: StateFiles): Promise<void> {
  const present = (await files.list("")).filter(isStateFile);
  const names = new Set<string>([...stateDirectories, ...stateFileNames, ...present]);
  names.delete(claimFile);
  for (const name of [...names, claimFile]) await files.remove(name);
}

/** How this start came about, from the state's owner, the last run's journal and this boot. */
export function startTypeFrom(known: {
  readonly bootId: string;
  readonly instanceId: string;
  readonly owner: string | undefined;
  readonly last: Journal | undefined;
  readonly warm: boolean;
}): StartType {
  const { bootId, instanceId, owner, last, warm } = known;
  if (owner !== undefined && owner !== instanceId) return "clone";
  if (owner === undefined || last === undefined) return startTypeOf({ bootId, instanceId, warm });
  const { state } = last;
  return startTypeOf({
    bootId,
    instanceId,
    warm,
    last: {
      bootId: state.lastBoot,
      instanceId: owner,
      finished: state.end !== undefined,
      rebootPlanned: state.rebootPlanned,
      parked: state.end?.kind === "done" && state.end.parked === true,
    },
  });
}
