import type { Catalogue } from "../domain/role.ts";

/** Reads a catalogue from text. Pure. */
export interface CatalogueReader {
  /**
   * @param file the name of the file in errors, as `muster.yaml@1a2b3c4`
   * @throws MusterError `catalogue-invalid`: every error at once, each with file:line:column
   */
  read(text: string, file: string): Catalogue;
}
