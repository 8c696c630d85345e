import { z } from "zod";
import type { Identity } from "../domain/instance.ts";
import type { Role } from "../domain/role.ts";
import type { StateFiles } from "../ports/state-files.ts";
import { roleSchema } from "../stages/config/role-schema.ts";
import { identityResultSchema } from "../stages/identity/stage.ts";
import { stateIn } from "../lib/known-state.ts";

const file = "duty.json";

/** What this instance is here for: the role of its last run, which the daemon works for between runs. */
export type Duty = {
  readonly role: Role;
  readonly environment: string;
  /** As the last run found it. */
  readonly identity: Identity;
  /** The commit that the role is from. */
  readonly commit: string;
  /** The branch, tag or commit id that was wanted; absent from the files of older binaries. */
  readonly ref?: string;
};

export const dutySchema = z.object({
  v: z.literal(1),
  role: roleSchema,
  environment: z.string(),
  identity: identityResultSchema,
  commit: z.string(),
  ref: z.string().exactOptional(),
});

/** The duty of this process and its copy on disk, so that a daemon that was restarted need not make a run. */
export type DutyKeeper = {
  load(): Promise<void>;
  /** Undefined until a run knew its role. */
  current(): Duty | undefined;
  /** Calls with the duty there is, and with each that follows. Returns how to end it. */
  watch(listener: (duty: Duty | undefined) => void): () => void;
  /** On disk when it resolves. */
  adopt(duty: Duty): Promise<void>;
  /** Of another instance, from which an image was made. */
  forget(): Promise<void>;
};

export function createDutyKeeper(files: Pick<StateFiles, "read" | "write" | "remove">): DutyKeeper {
  let present: Duty | undefined;
  const listeners = new Set<(duty: Duty | undefined) => void>();

  function put(duty: Duty | undefined): void {
    present = duty;
    for (const listener of listeners) listener(duty);
  }

  return {
    async load() {
      put(stateIn(dutySchema, await files.read(file)));
    },
    current() {
      return present;
    },
    watch(listener) {
      listeners.add(listener);
      listener(present);
      return () => void listeners.delete(listener);
    },
    async adopt(duty) {
      const text = `${JSON.stringify({ v: 1, ...duty })}\n`;
      if ((await files.read(file)) !== text) await files.write(file, text);
      put(duty);
    },
    async forget() {
      await files.remove(file);
      put(undefined);
    },
  };
}
