import { createHash } from "node:crypto";
import type { BuildInfo } from "../../domain/build-info.ts";
import { createRedactor, type Masked } from "../../domain/redact.ts";
import type { TarFile } from "./tar.ts";

/** What was read for one file of a bundle, or why it was not. */
export type Gathered = {
  readonly name: string;
  /** A path, or a command line. */
  readonly from: string;
} & (
  | {
      readonly text: string;
      /** Bytes that it has on the machine, where only its end was read. */
      readonly cutFrom?: number;
      /** Of a command, when it is not 0. */
      readonly exit?: number;
    }
  | { readonly why: string }
);

/** What says of a bundle what it is and what is in it. */
export type Manifest = {
  readonly version: 1;
  readonly made: string;
  readonly muster: BuildInfo;
  readonly files: readonly {
    readonly name: string;
    readonly from: string;
    readonly bytes: number;
    readonly sha256: string;
    readonly cutFrom?: number;
    readonly exit?: number;
    /** How often what was masked. */
    readonly masked?: Masked;
  }[];
  readonly missing: readonly { readonly name: string; readonly from: string; readonly why: string }[];
};

/**
 * The files of a bundle, the manifest first, with nothing secret in them.
 * @param secrets to be looked for as they are, besides all that looks like one
 */
export function packed(
  gathered: readonly Gathered[],
  secrets: readonly string[],
  about: Pick<Manifest, "made" | "muster">,
): readonly [TarFile, ...TarFile[]] {
  const redactor = createRedactor(secrets);
  const files: TarFile[] = [];
  const listed: Manifest["files"][number][] = [];
  const missing: Manifest["missing"][number][] = [];
  for (const item of gathered) {
    const { name } = item;
    const from = redactor.redact(item.from).text;
    if ("why" in item) {
      missing.push({ name, from, why: redactor.redact(item.why).text });
      continue;
    }
    const { text, masked } = redactor.redact(item.text);
    const bytes = new TextEncoder().encode(text);
    files.push({ name, bytes });
    listed.push({
      ...{ name, from, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") },
      ...(item.cutFrom !== undefined && { cutFrom: item.cutFrom }),
      ...(item.exit !== undefined && { exit: item.exit }),
      ...(Object.keys(masked).length > 0 && { masked }),
    });
  }
  const manifest: Manifest = { version: 1, ...about, files: listed, missing };
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  return [{ name: "manifest.json", bytes: new TextEncoder().encode(text) }, ...files];
}
