import type { Json } from "../../domain/text/canonical.ts";
import { catalogueFile } from "../../domain/settings/paths.ts";
import type { CatalogueReader, PinnedRole } from "../../ports/catalogue-reader.ts";
import type { ConfigRepo } from "../../ports/config-repo.ts";
import type { StateFiles } from "../../ports/state-files.ts";
import { shortOf } from "./plan.ts";
import { storedConfigSchema, type ConfigResult, type StoredConfig } from "./result.ts";

/** The part of the pin that is written down. The rest is in the commit. */
export function storeConfig({ role, entry: _entry, ...pin }: ConfigResult): StoredConfig {
  return { ...pin, role: role.name };
}

type Sources = {
  readonly repo: Pick<ConfigRepo, "readFile">;
  readonly reader: Pick<CatalogueReader, "read">;
  readonly files: Pick<StateFiles, "read">;
};

/**
 * Reads the pinned role again: from the mirror, and from the worktree if the mirror is damaged.
 * @returns undefined if neither has it, or if the catalogue is not valid for this binary: the config stage is made again
 *   and reports why
 */
export async function restoreConfig(
  stored: Json,
  sources: Sources,
  signal: AbortSignal,
): Promise<ConfigResult | undefined> {
  const { data: pin } = storedConfigSchema.safeParse(stored);
  if (pin === undefined) return undefined;
  const pinned = (await fromMirror(pin, sources, signal)) ?? (await pinnedInWorktree(pin.commit, pin.role, sources));
  signal.throwIfAborted();
  return pinned && { ...pin, ...pinned };
}

async function fromMirror(
  { commit, role }: Pick<StoredConfig, "commit" | "role">,
  { repo, reader }: Sources,
  signal: AbortSignal,
): Promise<PinnedRole | undefined> {
  try {
    return roleIn(await repo.readFile(commit, catalogueFile, signal), commit, role, reader);
  } catch {
    return undefined;
  }
}

/** The role as the commit's worktree has it; undefined without one, or if its catalogue cannot be read. */
export async function pinnedInWorktree(
  commit: string,
  role: string,
  { files, reader }: Omit<Sources, "repo">,
): Promise<PinnedRole | undefined> {
  if (!/^[0-9a-f]{40}$/.test(commit)) return undefined;
  try {
    return roleIn(await files.read(`worktrees/${commit}/tree/${catalogueFile}`), commit, role, reader);
  } catch {
    return undefined;
  }
}

/** @throws MusterError as CatalogueReader.read */
function roleIn(
  text: string | undefined,
  commit: string,
  name: string,
  reader: Sources["reader"],
): PinnedRole | undefined {
  if (text === undefined) return undefined;
  return reader.read(text, `${catalogueFile}@${shortOf(commit)}`, name).pinned;
}
