import { z } from "zod";
import { MusterError } from "../domain/errors.ts";
import { startTypeOf, type StartType } from "../domain/start-type.ts";
import type { StateFiles } from "../ports/state-files.ts";
import type { Journal } from "./journal.ts";
import { stateIn } from "../lib/known-state.ts";

const instanceFile = "instance.json";

const schema = z.object({ v: z.literal(1), id: z.string() });

/**
 * State that belongs to one instance and must not wake up in another: all of it, the mirror of the config repo and the
 * worktrees too. What an image brings along of them was made with the image, and is not trusted.
 */
export const ownState = [
  "runs",
  "status.json",
  "membership.json",
  "instance-tags.json",
  "added-tags.json",
  "tags.json",
  "pause.json",
  "sweep.json",
  "applied.json",
  "ref-marks.json",
  "reboots.json",
  "duty.json",
  "standby.json",
  "slot.json",
  "patch-window.json",
  "departures.json",
  "worktrees",
  "config.git",
  "config.git.new",
  "config.git.aside",
  "config.git.lock",
  instanceFile,
];

/** Which instance the state directory belongs to; undefined when it belongs to none yet. */
export async function stateOwner(files: StateFiles): Promise<string | undefined> {
  return stateIn(schema, await files.read(instanceFile))?.id;
}

const foreign = "state-of-another-instance";

/**
 * Writes down whose state this is, before anything else of it is written.
 * @throws MusterError `state-of-another-instance` (transient): the next run removes it
 */
export async function claimState(files: StateFiles, id: string): Promise<void> {
  const owner = await stateOwner(files);
  if (owner === id) return;
  if (owner !== undefined) throw foreignState(owner, id);
  await files.write(instanceFile, `${JSON.stringify({ v: 1, id })}\n`);
}

/** Whether a run found the state of another instance only after it had begun. */
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

/** Removes the state of the instance that the image was made from; its claim goes last, so that a kill repeats this. */
export async function resetState(files: StateFiles): Promise<void> {
  for (const name of ownState) await files.remove(name);
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
