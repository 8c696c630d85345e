import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { Identity } from "../domain/instance.ts";
import type { Role } from "../domain/role.ts";
import { stateFile } from "../ports/state-file.ts";
import type { StateFiles } from "../ports/state-files.ts";
import { roleSchema } from "../stages/config/role-schema.ts";
import { identityResultSchema } from "../stages/identity/stage.ts";

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

const schema = z.object({
  role: roleSchema,
  environment: z.string(),
  identity: identityResultSchema,
  commit: z.string(),
  ref: z.string().exactOptional(),
});

export const dutyFile = stateFile<Duty>("duty.json", schema);

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
      put(await dutyFile.read(files));
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
      if (!isDeepStrictEqual(await dutyFile.read(files), duty)) await dutyFile.write(files, duty);
      put(duty);
    },
    async forget() {
      await dutyFile.remove(files);
      put(undefined);
    },
  };
}
