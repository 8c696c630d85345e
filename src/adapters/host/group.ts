import { readFile } from "node:fs/promises";

/**
 * The number of a group of this machine. The file is read rather than a name service asked: at boot one that is far
 * away would be waited for.
 */
export async function groupNumber(name: string, file = "/etc/group"): Promise<number | undefined> {
  const lines = (await readFile(file, "utf8")).split("\n");
  const [, , number] = lines.find((line) => line.startsWith(`${name}:`))?.split(":") ?? [];
  return number !== undefined && /^\d+$/.test(number) ? Number(number) : undefined;
}
