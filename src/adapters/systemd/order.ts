import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "../host/handles/replace-file.ts";

export type Order = {
  readonly unit: string;
  readonly after: readonly string[];
  readonly stopWithinMs: number;
};

/**
 * Writes the order into a drop-in of the unit, if it differs.
 * @param apply makes systemd read it; called in any case, because an agent may have died before it
 */
export async function writeOrder(order: Order, dropIns: string, apply: () => Promise<void>): Promise<void> {
  const directory = join(dropIns, `${order.unit}.d`);
  const file = join(directory, "50-muster-order.conf");
  const text = textOf(order);
  const present = await readFile(file, "utf8").catch(() => undefined);
  if (present !== text) {
    // systemd complains, at every reload, about a file that not every user may read.
    await replaceFile(file, text, { mode: 0o644, directoryMode: 0o755 });
  }
  await apply();
}

function textOf({ unit, after, stopWithinMs }: Order): string {
  const others = [...new Set(after.map(fullName))].filter((other) => other !== unit).toSorted();
  return [
    "# Written by muster; gone after a reboot.",
    "[Unit]",
    ...others.map((other) => `After=${other}`),
    "[Service]",
    `TimeoutStopSec=${Math.ceil(stopWithinMs / 1000)}s`,
    "",
  ].join("\n");
}

/** A unit may be given without `.service`, as on systemctl's command line. Only a name gets into a unit file. */
function fullName(name: string): string {
  if (!/^[A-Za-z0-9:_.@\\-]{1,255}$/.test(name)) throw new Error(`not a unit name: ${JSON.stringify(name)}`);
  return /\.(service|socket|target|mount|automount|timer|path|slice|scope|swap|device)$/.test(name)
    ? name
    : `${name}.service`;
}
