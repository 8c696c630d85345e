import { MusterError } from "../../domain/errors/errors.ts";
import { formatSize } from "../../domain/text/units.ts";
import type { MachineFiles } from "../../ports/machine-files.ts";
import { requireGuarded } from "./guarded-file.ts";
import { observePath, roomAtPath } from "./path-files.ts";

const timeoutMs = 4_000;

export const machineFiles: MachineFiles = {
  async key(setting, path, isSecret, signal) {
    const why = await whyUnusable(path, isSecret, signal);
    if (why !== undefined) throw unusable(setting, path, why);
    requireGuarded(path);
  },
  async room(path, leastBytes, signal) {
    const { available } = await roomAtPath(path, { timeoutMs, signal });
    if (available >= leastBytes) return;
    throw new MusterError({
      code: "disk-low",
      message: `The file system of ${path} has ${formatSize(available)} free, and a run needs ${formatSize(leastBytes)}`,
      hint: "Make room there: df -h says how full it is, and du -xh --max-depth=2 what takes it.",
    });
  },
};

async function whyUnusable(path: string, isSecret: boolean, signal: AbortSignal): Promise<string | undefined> {
  try {
    const { kind, size, mode } = await observePath(path, { timeoutMs, signal });
    if (kind !== "file") return "it is no file";
    if (size === 0) return "it is empty";
    const text = mode.toString(8).padStart(4, "0");
    return isSecret && (mode & 0o077) !== 0 ? `other users may use it (mode ${text}; 0600 is right)` : undefined;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Error && "code" in error)) throw error;
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return "there is no such file";
    throw error;
  }
}

function unusable(setting: string, path: string, why: string): MusterError {
  return new MusterError({
    code: "key-file-unusable",
    message: `${path}, which ${setting} in the settings names, cannot be used: ${why}`,
    hint: "Put the file there, readable by root alone (chmod 0600 FILE) if it is a secret, or correct the setting.",
  });
}
