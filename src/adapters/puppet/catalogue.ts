import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const catalogueSchema = z.object({
  resources: z.array(
    z.object({
      type: z.string(),
      title: z.string(),
      parameters: z.object({ noop: z.unknown().optional() }).optional(),
    }),
  ),
});

/**
 * The resources that the code marks as `noop`, as `File[/etc/motd]`, from the catalogue of a comparison in `directory`.
 * The catalogue is removed: it holds sensitive values of the code.
 */
export async function takeNoopResources(directory: string): Promise<ReadonlySet<string>> {
  try {
    const kept = join(directory, "catalog");
    const names = (await readdir(kept).catch(() => [])).filter((name) => name.endsWith(".json"));
    const texts = await Promise.all(names.map((name) => readFile(join(kept, name), "utf8")));
    return new Set(texts.flatMap(noopIn));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function noopIn(text: string): readonly string[] {
  const catalogue = catalogueSchema.safeParse(parseJson(text)).data;
  const marked = (catalogue?.resources ?? []).filter(({ parameters }) => String(parameters?.noop) === "true");
  return marked.map(({ type, title }) => `${type}[${title}]`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
