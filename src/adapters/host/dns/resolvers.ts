import { readFile } from "node:fs/promises";
import type { NameServer } from "./ask.ts";

/** The resolvers of this machine, in the order in which it asks them (resolv.conf(5)); none where it names none. */
export async function readResolvers(file = "/etc/resolv.conf"): Promise<readonly NameServer[]> {
  const text = await readFile(file, "utf8").catch(() => "");
  return [...text.matchAll(/^nameserver[ \t]+(\S+)/gm)].map(([, address = ""]) => ({ address, port: 53 }));
}
