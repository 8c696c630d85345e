import { z } from "zod";
import type { RefKind } from "../../domain/role/ref-kind.ts";
import type { Selection } from "../../domain/settings/settings.ts";
import type { ConfigSource } from "../../domain/settings/settings.ts";
import type { CatalogueReader, PinnedRole } from "../../ports/catalogue-reader.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ConfigRepo } from "../../ports/config-repo.ts";

/** The configuration of this host, as later runs need it. */
export type AppliedConfig = {
  readonly commit: string;
  /** The requested branch or tag, or the requested commit id. */
  readonly ref: string;
  readonly refKind: "branch" | "tag" | "commit";
};

/** A branch or tag, and the newest commit of it that was applied on this host. */
export type RefMark = { readonly kind: RefKind; readonly ref: string; readonly commit: string };

export type ConfigInput = {
  readonly source: ConfigSource;
  readonly selection: Pick<Selection, "role" | "ref">;
  /** The last applied configuration on this host; absent on a first run. */
  readonly applied?: AppliedConfig;
  /** The marks that branches and tags may not go back behind. */
  readonly marks: readonly RefMark[];
  /** Further commits whose worktrees stay: the last known good one. */
  readonly keep: readonly string[];
  /** Whether the run may go on with the local mirror when the server cannot be reached. */
  readonly offlineAllowed: boolean;
};

export type ConfigPorts = {
  readonly repo: ConfigRepo;
  readonly reader: Pick<CatalogueReader, "read">;
  readonly clock: Clock;
};

/** The pin of the rest of the run. */
export type ConfigResult = AppliedConfig &
  PinnedRole & {
    /** The worktree of the commit, absolute. */
    readonly directory: string;
    /** False if the server could not be reached and the local mirror was used. */
    readonly fetched: boolean;
    /** First line of the commit's message. */
    readonly subject: string;
    /** ISO 8601; absent in the journals of older binaries. */
    readonly committedAt?: string;
    /** The name of its author; absent in the journals of older binaries. */
    readonly author?: string;
  };

/** What the journal holds of the pin: the commit and the role's name, which the catalogue is read again by. */
export type StoredConfig = Omit<ConfigResult, keyof PinnedRole> & { readonly role: string };

/** Older binaries wrote the whole role down: its name counts. */
export const roleNameSchema = z.union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)]);

export const storedConfigSchema = z.object({
  commit: z.string().regex(/^[0-9a-f]{40}$/),
  ref: z.string(),
  refKind: z.enum(["branch", "tag", "commit"]),
  role: roleNameSchema,
  directory: z.string(),
  fetched: z.boolean(),
  subject: z.string(),
  committedAt: z.string().exactOptional(),
  author: z.string().exactOptional(),
});
