import { readFile } from "node:fs/promises";

/**
 * The number of a group of this machine. It reads the file instead of a name service: at boot a remote one would delay
 * the start.
 */
export async function groupNumber(name: string, file = "/etc/group"): Promise<number | undefined> {
  const lines = (await readFile(file, "utf8")).split("\n");
  const [, , number] = lines.find((line) => line.startsWith(`${name}:`))?.split(":") ?? [];
  return number !== undefined && /^\d+$/.test(number) ? Number(number) : undefined;
}
