import { createHash } from "node:crypto";
import type { BuildInfo } from "../../domain/settings/build-info.ts";
import { createRedactor, type Masked } from "../../domain/redact/redact.ts";
import type { TarFile } from "./tar.ts";

/** What was read for one file of a bundle, or why it was not. */
export type Gathered = {
  readonly name: string;
  /** A path, or a command line. */
  readonly from: string;
} & (
  | {
      readonly text: string;
      /** Its size on the machine in bytes, if only its end was read. */
      readonly cutFrom?: number;
      /** Of a command, if it is not 0. */
      readonly exit?: number;
    }
  | { readonly why: string }
);

/** The contents of the files that the settings name as secrets, and the names of those that could not be read. */
export type Secrets = { readonly known: readonly string[]; readonly unread: readonly Gathered[] };

/** The description of a bundle and its files. */
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
    /** How many secrets of each kind were masked. */
    readonly masked?: Masked;
  }[];
  readonly missing: readonly { readonly name: string; readonly from: string; readonly why: string }[];
};

/**
 * The files of a bundle, one at a time and without secrets; the manifest stands last, because it lists the others.
 * @param secrets known secrets to be masked, besides likely ones
 */
export async function* packed(
  gathered: AsyncIterable<Gathered>,
  secrets: readonly string[],
  about: Pick<Manifest, "made" | "muster">,
): AsyncGenerator<TarFile, void> {
  const redactor = createRedactor(secrets);
  const listed: Manifest["files"][number][] = [];
  const missing: Manifest["missing"][number][] = [];
  for await (const item of gathered) {
    const { name } = item;
    const from = redactor.redact(item.from).text;
    if ("why" in item) {
      missing.push({ name, from, why: redactor.redact(item.why).text });
      continue;
    }
    const { text, masked } = redactor.redact(item.text);
    const bytes = new TextEncoder().encode(text);
    listed.push({
      ...{ name, from, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") },
      ...(item.cutFrom !== undefined && { cutFrom: item.cutFrom }),
      ...(item.exit !== undefined && { exit: item.exit }),
      ...(Object.keys(masked).length > 0 && { masked }),
    });
    yield { name, bytes };
  }
  const manifest: Manifest = { version: 1, ...about, files: listed, missing };
  yield { name: "manifest.json", bytes: new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`) };
}
