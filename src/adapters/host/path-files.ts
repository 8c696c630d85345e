// Reads and writes on paths that an operator chose, by other programs: path-calls.ts says why.
import { randomBytes } from "node:crypto";
import { basename, dirname, resolve } from "node:path";
import { programs } from "../../domain/settings/paths.ts";
import { answerOn, type Limits } from "./path-calls.ts";

/** The file at a path, symbolic links followed. */
export type PathFacts = {
  /** Permissions, with set-uid, set-gid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly size: number;
  readonly kind: "file" | "directory" | "other";
};

/** @throws as `answerOn` */
export async function observePath(path: string, limits: Limits): Promise<PathFacts> {
  const argv = [programs.stat, "--dereference", "--format=%f %u %s", "--", path] as const;
  const [raw = "", uid, size] = (await answerOn(path, argv, limits)).trim().split(" ");
  const mode = Number.parseInt(raw, 16);
  const kinds: Readonly<Record<number, PathFacts["kind"]>> = { 0o100000: "file", 0o040000: "directory" };
  return { mode: mode & 0o7777, uid: Number(uid), size: Number(size), kind: kinds[mode & 0o170000] ?? "other" };
}

/** Text from the beginning of a file. @throws as `answerOn` */
export async function beginningOfPath(path: string, maxBytes: number, limits: Limits): Promise<string> {
  return answerOn(path, [programs.head, `--bytes=${maxBytes}`, "--", path], { ...limits, maxBytes });
}

/** Of the file system of a path, in bytes: the free space for programs other than root's, and the total. */
export type Room = { readonly available: number; readonly whole: number };

/** The total from which df calculates percentages. @throws as `answerOn` */
export async function roomAtPath(path: string, limits: Limits): Promise<Room> {
  const argv = [programs.stat, "--file-system", "--format=%S %b %f %a", "--", path] as const;
  const [size = 0, blocks = 0, free = 0, available = 0] = (await answerOn(path, argv, limits)).split(" ").map(Number);
  return { available: available * size, whole: (blocks - free + available) * size };
}

/**
 * Enters a directory part by part, makes missing ones, and replaces a file there: readable by every user, whole or not
 * at all. Each part is entered from the one before, not by its path, and `pwd` proves the result. A link is followed
 * only in a directory that root alone writes: elsewhere another user may have made it.
 */
const script = `set -euf; umask 022; cd /
refuse() { echo "$directory: a symbolic link of another user is not followed" >&2; exit 1; }
enter() {
  if [ -L "./$1" ]; then
    set -- "$1" $(${programs.stat} --format="%u %a" .)
    [ "$2" = "$(id -u)" ] && [ $((0$3 & 022)) = 0 ] || refuse
    cd -P -- "./$1"
  else
    [ -d "./$1" ] || ${programs.mkdir} -- "./$1"
    before=$(pwd -P); cd -P -- "./$1"
    [ "$(pwd -P)" = "\${before%/}/$1" ] || refuse
  fi
}
directory=$1; temporary=$2; name=$3
IFS=/; set -- $directory; IFS=" "
for part; do [ -z "$part" ] || enter "$part"; done
if ${programs.dd} of="./$temporary" bs=64K conv=excl oflag=nofollow status=none; then
  ${programs.mv} --force --no-target-directory -- "./$temporary" "./$name" && exit 0
fi
rm --force -- "./$temporary"; exit 1`;

/**
 * Replaces a file, whole or not at all, readable by every user. Missing directories are made. The new file has a secret
 * random name and opens no existing file: a user who may rename in the directory, or in one on the way, cannot redirect
 * this write.
 * @throws as `answerOn`
 */
export async function replaceAtPath(path: string, text: string, limits: Limits): Promise<void> {
  const name = basename(path);
  const temporary = `${name}.${randomBytes(8).toString("hex")}.tmp`;
  const argv = [programs.shell, "-c", script, "sh", dirname(resolve(path)), temporary, name] as const;
  try {
    await answerOn(path, argv, { ...limits, input: text });
  } catch (error) {
    await removeLeftovers(path, limits).catch(() => undefined);
    throw error;
  }
}

/** Removes the left-overs of an interrupted write beside the file. @throws as `answerOn` */
export async function removeLeftovers(path: string, limits: Limits): Promise<void> {
  const name = basename(path).replaceAll(/[\\*?[]/g, String.raw`\$&`);
  const random = "[0-9a-f]".repeat(16);
  const depth = ["-mindepth", "1", "-maxdepth", "1"];
  const argv = [programs.find, dirname(path), ...depth, "-type", "f", "-name", `${name}.${random}.tmp`, "-delete"];
  await answerOn(path, [argv[0] ?? "", ...argv.slice(1)], limits);
}
