import type { Json } from "../domain/text/canonical.ts";
import type { Catalogue, Role } from "../domain/role/role.ts";

/** A role as its commit has it. */
export type PinnedRole = {
  readonly role: Role;
  /** The role's entry of the catalogue as the commit writes it: a later binary reads it by its own schema. */
  readonly entry: Json;
};

/** Reads a catalogue from text. Pure. */
export interface CatalogueReader {
  /**
   * The catalogue, and its roles as the text writes them, by name.
   * @param file the name of the file in errors, as `muster.yaml@1a2b3c4`
   * @throws MusterError `catalogue-invalid`: every error at once, each with file:line:column
   */
  read(text: string, file: string): Catalogue & { readonly entries: Readonly<Record<string, Json>> };
  /**
   * A role from its entry, which another binary has accepted: what this one does not know is passed over.
   * @returns undefined for what is no role
   */
  role(name: string, entry: Json): Role | undefined;
}
