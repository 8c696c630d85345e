import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { Json } from "../../domain/text/canonical.ts";
import type { Identity } from "../../domain/instance/instance.ts";
import type { CatalogueReader, PinnedRole } from "../../ports/catalogue-reader.ts";
import { stateFile } from "../../ports/state-file.ts";
import type { StateFiles } from "../../ports/state-files.ts";
import { pinnedInWorktree } from "../../stages/config/pinned.ts";
import { roleNameSchema } from "../../stages/config/result.ts";
import { identityResultSchema } from "../../stages/identity/stage.ts";

/** What this instance is here for: the role of its last run, which the daemon works for between runs. */
export type Duty = PinnedRole & {
  readonly environment: string;
  /** As the last run found it. */
  readonly identity: Identity;
  /** The commit of the role. */
  readonly commit: string;
  /** The requested branch, tag or commit id; absent from the files of older binaries. */
  readonly ref?: string;
};

const json: z.ZodType<Json> = z.json();

/**
 * On disk: the commit, the role's name, and the role's entry of the catalogue as the commit writes it, which is read by the
 * schema of the catalogue. The entry is there and not only in the commit, because the duty is needed where the mirror and
 * the worktree may be damaged or gone: by a daemon that is restarted without the git server, and at power-off.
 */
const schema = z.object({
  // Older binaries wrote the whole role down, and no entry: its name counts.
  role: roleNameSchema,
  entry: json.exactOptional(),
  environment: z.string(),
  identity: identityResultSchema,
  commit: z.string(),
  ref: z.string().exactOptional(),
});

export const dutyFile = stateFile("duty.json", schema);

/** The duty of this process and its copy on disk, so that a restarted daemon need not make a run. */
export type DutyKeeper = {
  load(): Promise<void>;
  /** Undefined until a run knew its role. */
  current(): Duty | undefined;
  /** Calls the listener with the present duty, and with each later one. Returns a function that ends it. */
  watch(listener: (duty: Duty | undefined) => void): () => void;
  /** On disk when it resolves. */
  adopt(duty: Duty): Promise<void>;
  /** Of another instance, from which an image was made. */
  forget(): Promise<void>;
};

export function createDutyKeeper(
  files: Pick<StateFiles, "read" | "write" | "remove">,
  reader: CatalogueReader,
): DutyKeeper {
  let present: Duty | undefined;
  const listeners = new Set<(duty: Duty | undefined) => void>();

  function put(duty: Duty | undefined): void {
    present = duty;
    for (const listener of listeners) listener(duty);
  }

  async function read(): Promise<Duty | undefined> {
    const known = await dutyFile.read(files);
    if (known === undefined) return undefined;
    const { role: name, entry, ...rest } = known;
    const pinned =
      entry === undefined
        ? await pinnedInWorktree(known.commit, name, { files, reader })
        : { entry, role: reader.role(name, entry) };
    return pinned?.role === undefined ? undefined : { ...rest, entry: pinned.entry, role: pinned.role };
  }

  return {
    async load() {
      put(await read());
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
      const stored = { ...duty, role: duty.role.name };
      if (!isDeepStrictEqual(await dutyFile.read(files), stored)) await dutyFile.write(files, stored);
      put(duty);
    },
    async forget() {
      await dutyFile.remove(files);
      put(undefined);
    },
  };
}
