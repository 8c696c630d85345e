import { Buffer } from "node:buffer";

/** A file in an archive: its other attributes are the same for all. */
export type TarFile = { readonly name: string; readonly bytes: Uint8Array };

const block = 512;

/**
 * An archive in the format "ustar" (POSIX, "ustar Interchange Format"), in parts: regular files of mode 0600 that
 * belong to root, in the order given. The same files make the same bytes.
 * @param modified of every file, in seconds since 1970
 */
export async function* tar(files: AsyncIterable<TarFile>, modified: number): AsyncGenerator<Uint8Array, void> {
  for await (const { name, bytes } of files) {
    yield header(name, bytes.length, modified);
    yield bytes;
    yield padding(bytes.length);
  }
  yield Buffer.alloc(2 * block);
}

function header(path: string, size: number, modified: number): Buffer {
  const { prefix, name } = split(path);
  const made = Buffer.alloc(block);
  made.write(name, 0);
  made.write(octal(0o600, 8), 100);
  made.write(octal(0, 8), 108);
  made.write(octal(0, 8), 116);
  made.write(octal(size, 12), 124);
  made.write(octal(modified, 12), 136);
  // The checksum is computed with blanks in its own place.
  made.write(" ".repeat(8), 148);
  made.write("0", 156);
  made.write("ustar\u000000", 257);
  made.write("root", 265);
  made.write("root", 297);
  made.write(prefix, 345);
  const sum = made.reduce((total, byte) => total + byte, 0);
  made.write(`${sum.toString(8).padStart(6, "0")}\u0000 `, 148);
  return made;
}

/** 100 bytes hold a name; a longer path is divided at a slash. */
function split(path: string): { readonly prefix: string; readonly name: string } {
  if (Buffer.byteLength(path) <= 100) return { prefix: "", name: path };
  const slash = path.indexOf("/", path.length - 101);
  const [prefix, name] = [path.slice(0, slash), path.slice(slash + 1)];
  if (slash < 0 || Buffer.byteLength(prefix) > 155 || Buffer.byteLength(name) > 100)
    throw new Error(`too long: ${path}`);
  return { prefix, name };
}

function octal(value: number, width: number): string {
  return `${Math.floor(value)
    .toString(8)
    .padStart(width - 1, "0")}\u0000`;
}

function padding(size: number): Buffer {
  return Buffer.alloc((block - (size % block)) % block);
}
