import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { refusal } from "./pinned-directory.ts";

/** A pipe in the file's place answers at once, instead of waiting for a writer. */
const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/** Opens a plain file. @throws the file system's error; `EINVAL` for a pipe, a device or a directory */
export async function openToRead(path: string): Promise<FileHandle> {
  const handle = await open(path, flags);
  const found = await handle.stat();
  if (found.isFile()) return handle;
  await handle.close();
  throw refusal("EINVAL", "it is no regular file");
}
