import { readFile } from "node:fs/promises";
import { replaceFile } from "../handles/replace-file.ts";

/**
 * Seconds that an engine's apt waits for the locks of dpkg. dnf waits for its own by itself; the other locks of apt,
 * and rpm's, have no such setting.
 */
const lockSeconds = 600;

const text = `// Written by muster for configuration engines.\nDPkg::Lock::Timeout "${lockSeconds}";\n`;

/**
 * Makes the package managers that an engine calls wait for locks. apt reads the file before /etc/apt/apt.conf.d, so the
 * image's settings win, and works without the file if it is gone.
 * @param file the configuration file for apt
 * @returns variables for the engine's environment
 */
export async function engineEnvironment(file: string): Promise<Readonly<Record<string, string>>> {
  if ((await readFile(file, "utf8").catch(() => "")) !== text) {
    // Readable whatever the umask: apt fails on an unreadable file, and an exec may run as another user.
    await replaceFile(file, text, { mode: 0o644, directoryMode: 0o700 });
  }
  return { APT_CONFIG: file };
}
