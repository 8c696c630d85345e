import { MusterError } from "../../domain/errors/errors.ts";
import type { InstanceFile } from "../../domain/instance/instance.ts";
import { refuseImpossible, refuseReserved, refuseUnnamed } from "../../domain/instance/tag-rules.ts";
import { fitsAny, without } from "../../domain/instance/tag-text.ts";
import type { RunLock } from "../../ports/run-lock.ts";
import type { SeenTags, TagStore } from "../../ports/tag-store.ts";
import type { TagFile } from "./tag-file.ts";

export type LocalTagStoreDeps = {
  /** The identity, and the tags that a person wrote into the instance file. */
  readonly readInstance: (signal: AbortSignal) => Promise<Pick<InstanceFile, "id" | "tags">>;
  readonly file: string;
  /** The tags that were added by command. */
  readonly added: TagFile;
  /** Muster's own state tags. */
  readonly own: TagFile;
  /** So that simultaneous writes of two processes are both kept. */
  readonly lock: RunLock;
};

/** A change of a small file: the lock is free again in a moment. */
const lockMs = 10_000;

/**
 * The tags of a machine outside a cloud: those of the instance file, those added by command, and muster's own. The
 * instance file belongs to a person and is never written, so only a person changes the tags in it. Other instances are
 * unknown.
 */
export function createLocalTagStore(deps: LocalTagStoreDeps): TagStore {
  const { added, own, file } = deps;

  async function list(signal: AbortSignal): Promise<SeenTags & { readonly id: string }> {
    const { id, tags } = await deps.readInstance(signal);
    return { id, tags: { ...(await added.read(signal)), ...(await own.read(signal)), ...tags } };
  }

  async function refuseWritten(keys: readonly string[], signal: AbortSignal): Promise<void> {
    const { tags } = await deps.readInstance(signal);
    const written = keys.find((key) => Object.hasOwn(tags, key));
    if (written !== undefined) throw inFile(written, file);
  }

  async function inTurn<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const turn = await deps.lock.acquire("muster tag", lockMs, signal, () => undefined);
    try {
      return await work();
    } finally {
      await turn.release();
    }
  }

  return {
    async list(signal) {
      return { tags: (await list(signal)).tags };
    },
    async add(tags, signal) {
      refuseUnnamed(Object.keys(tags));
      refuseImpossible(tags, {});
      await refuseWritten(Object.keys(tags), signal);
      await inTurn(signal, async () => {
        refuseImpossible(tags, (await list(signal)).tags);
        const mine = await own.read(signal);
        const isMine = ([key]: readonly [string, string]) => Object.hasOwn(mine, key);
        const entries = Object.entries(tags);
        await own.replace({ ...mine, ...Object.fromEntries(entries.filter(isMine)) }, signal);
        await added.write(Object.fromEntries(entries.filter((entry) => !isMine(entry))), signal);
      });
    },
    async remove(wanted, signal) {
      refuseUnnamed(wanted.map(({ key }) => key));
      refuseReserved(wanted.map(({ key }) => key));
      await refuseWritten(
        wanted.map(({ key }) => key),
        signal,
      );
      await inTurn(signal, async () => {
        for (const each of [added, own]) await each.replace(without(await each.read(signal), wanted), signal);
      });
    },
    async find(wanted, signal) {
      const { id, tags } = await list(signal);
      return fitsAny(tags, wanted) ? [{ id, tags }] : [];
    },
  };
}

function inFile(key: string, file: string): MusterError {
  return new MusterError({
    code: "tag-in-instance-file",
    message: `The tag ${key} is written in ${file}, which muster never changes`,
    hint: `Change it there; it counts from the next look on.`,
  });
}
