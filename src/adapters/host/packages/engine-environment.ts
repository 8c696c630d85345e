import { readFile } from "node:fs/promises";
import { replaceFile } from "../handles/replace-file.ts";

/**
 * Seconds that an engine's apt waits for the locks of dpkg. dnf waits for its own by itself; for the other locks of apt,
 * and for rpm's, there is no such setting.
 */
const lockSeconds = 600;

const text = `// Written by muster for configuration engines.\nDPkg::Lock::Timeout "${lockSeconds}";\n`;

/**
 * Makes the package managers that an engine calls wait for locks. apt reads the file before /etc/apt/apt.conf.d, so that
 * what the image says there counts, and goes without it where it is gone.
 * @param file where the configuration for apt is kept
 * @returns variables for the engine's environment
 */
export async function engineEnvironment(file: string): Promise<Readonly<Record<string, string>>> {
  if ((await readFile(file, "utf8").catch(() => "")) !== text) {
    // Whatever the umask: apt fails where it finds a file that it may not read, and an exec may be another user's.
    await replaceFile(file, text, { mode: 0o644, directoryMode: 0o700 });
  }
  return { APT_CONFIG: file };
}
