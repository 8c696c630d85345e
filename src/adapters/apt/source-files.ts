import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { SourceFailure } from "../../domain/run/package-source.ts";
import type { Verdicts } from "./verdicts.ts";

const aptDirectory = "/etc/apt";

/** Names the files of the sources, so that an operator finds them. */
export async function withFiles(
  failed: Verdicts["failed"],
  directory = aptDirectory,
): Promise<readonly SourceFailure[]> {
  if (failed.length === 0) return [];
  const parts = (await readdir(join(directory, "sources.list.d")).catch(() => []))
    .filter((name) => /\.(?:list|sources)$/.test(name))
    .map((name) => join(directory, "sources.list.d", name));
  const texts = await Promise.all(
    [join(directory, "sources.list"), ...parts].map(async (file) => {
      return { file, text: await readFile(file, "utf8").catch(() => "") };
    }),
  );
  return failed.map(({ uri, ...failure }) => {
    const bare = uri.replace(/^[\w+.-]+:\/{0,2}/, "");
    // apt ends a URI with a slash, which the file may not have.
    const place = bare.endsWith("/") ? bare.slice(0, -1) : bare;
    const files = texts.filter(({ text }) => text.includes(place)).map(({ file }) => file);
    const hint = files.length === 0 ? failure.hint : `${failure.hint} (it stands in ${files.join(", ")})`;
    return { ...failure, hint: `${hint}.` };
  });
}
