import type { Catalogue } from "../domain/role.ts";

/** Text to catalogue. Pure. */
export interface CatalogueReader {
  /**
   * @param file what to call the file in errors, as `muster.yaml@1a2b3c4`
   * @throws MusterError `catalogue-invalid`: every error at once, each with file:line:column
   */
  read(text: string, file: string): Catalogue;
}
