import type { Json } from "../domain/text/canonical.ts";
import type { Problem } from "../domain/settings/problem.ts";
import type { Role } from "../domain/role/role.ts";

/** A role as its commit has it. */
export type PinnedRole = {
  readonly role: Role;
  /** The role's entry of the catalogue as the commit writes it: a later binary reads it by its own schema. */
  readonly entry: Json;
};

/** What one host takes from a catalogue. */
export type OwnRole = {
  /** Absent if the catalogue has no role of the name. */
  readonly pinned?: PinnedRole;
  /** Former names of keys that the role uses. */
  readonly formerKeys: readonly Problem[];
  /** Of every role, as the text has them. */
  readonly names: readonly string[];
};

/** Reads a catalogue from text. Pure. */
export interface CatalogueReader {
  /**
   * One role of a catalogue. The other roles are not looked into: what is wrong in one of them concerns its own
   * instances alone, and hundreds of them cost nothing.
   * @param file the name of the file in errors, as `muster.yaml@1a2b3c4`
   * @throws MusterError `catalogue-invalid`: every error of the role and of what all roles share, each with
   *   file:line:column
   */
  read(text: string, file: string, name: string): OwnRole;
  /**
   * A role from its entry, which another binary has accepted: what this one does not know is passed over.
   * @returns undefined for what is no role
   */
  role(name: string, entry: Json): Role | undefined;
}
