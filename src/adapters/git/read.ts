import { MusterError } from "../../domain/errors/errors.ts";
import type { StandIn } from "../../domain/role/repo-content.ts";
import { allowsRef, refAtPath } from "../../domain/role/ref-kind.ts";
import type { CommitHead, RepoRef, SignatureState } from "../../ports/config-repo.ts";
import type { ExecResult } from "../host/exec.ts";
import type { GitQuestion } from "./git.ts";
import { mirrorFailure } from "./mirror.ts";
import type { Mirror } from "./mirror.ts";
import { findStandIns } from "./stand-ins.ts";
import type { TreeEntry } from "./tree-entry.ts";

// Reads the mirror. Only full commit ids reach git, never names: git's revision syntax parses no text of a tag or a
// person.

const fileLimit = 1024 * 1024;
const refFormat = "%(objectname) %(objecttype) %(*objectname) %(*objecttype) %(refname) %(symref)";
/** Of a list of all files of a commit: a million and more. */
const treeLimit = 256 * 1024 * 1024;

/** The allowed branches and tags that point at a commit; with `contains`, only those that contain it. */
export async function listRefs(mirror: Mirror, signal: AbortSignal, contains?: string): Promise<readonly RepoRef[]> {
  const only = contains === undefined ? [] : [`--contains=${contains}`];
  const args = ["for-each-ref", ...only, `--format=${refFormat}`, "refs/heads", "refs/tags"] as const;
  const { stdout } = await must(mirror, args, signal);
  // The mirror of an older binary, or of settings that allowed more, holds other refs too.
  return stdout
    .split("\n")
    .flatMap(refOf)
    .filter((ref) => allowsRef(mirror.refs, ref));
}

function refOf(line: string): readonly RepoRef[] {
  const [commit = "", type, peeled = "", peeledType, path = "", symref = ""] = line.split(" ");
  // No fetch makes a symbolic ref.
  const ref = symref === "" ? refAtPath(path) : undefined;
  if (ref !== undefined && type === "commit") return [{ ...ref, commit }];
  if (ref !== undefined && peeledType === "commit") return [{ ...ref, commit: peeled }];
  return [];
}

/** ConfigRepo.findCommit. */
export async function findCommit(mirror: Mirror, id: string, signal: AbortSignal): Promise<string | undefined> {
  if (!/^[0-9a-f]{7,40}$/.test(id)) return undefined;
  const found = await must(mirror, ["rev-parse", `--disambiguate=${id}`], signal);
  const types = await must(mirror, ["cat-file", "--batch-check"], signal, { input: found.stdout });
  const commits = types.stdout.split("\n").flatMap((line) => {
    const [object = "", type] = line.split(" ");
    return type === "commit" ? [object] : [];
  });
  return commits.length === 1 ? commits[0] : undefined;
}

/** ConfigRepo.isAncestor. */
export async function isAncestor(
  mirror: Mirror,
  ancestor: string,
  descendant: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (![ancestor, descendant].every((commit) => /^[0-9a-f]{40}$/.test(commit))) return false;
  const args = ["merge-base", "--is-ancestor", ancestor, descendant] as const;
  const result = await mirror.git.ask({ gitDir: mirror.directory, args, signal });
  if (result.code === 0) return true;
  if (result.code === 1) return false;
  // git says the same for an unknown commit, which is no damage.
  for (const commit of [ancestor, descendant]) {
    if ((await findCommit(mirror, commit, signal)) === undefined) return false;
  }
  throw await mirrorFailure(mirror, "comparing two commits", result);
}

function plainLine(text: string, length: number): string {
  return text
    .replaceAll(/\p{Cc}/gu, " ")
    .trim()
    .slice(0, length);
}

/** ConfigRepo.headOf. */
export async function headOf(mirror: Mirror, commit: string, signal: AbortSignal): Promise<CommitHead> {
  const { stdout } = await must(mirror, ["log", "-1", "--no-show-signature", "--format=%ct%n%an%n%s", commit], signal);
  const [seconds = "", author = "", ...subject] = stdout.split("\n");
  return {
    subject: plainLine(subject.join(" "), 100),
    author: plainLine(author, 60),
    committedAt: timeOf(Number(seconds)),
  };
}

/** The author of a commit writes its time, and may write one that no calendar has. */
function timeOf(seconds: number): string {
  const date = new Date(seconds * 1000);
  return (Number.isNaN(date.getTime()) ? new Date(0) : date).toISOString();
}

/** ConfigRepo.signature: git's own verdict, of which only `G` (good, by a signer on the list) is good. */
export async function signatureOf(mirror: Mirror, commit: string, signal: AbortSignal): Promise<SignatureState> {
  const { stdout } = await must(mirror, ["log", "-1", "--no-show-signature", "--format=%G?%n%GS%n%GF", commit], signal);
  const [verdict, signer = "", key = ""] = stdout.split("\n");
  const by = key === "" ? "" : ` (key ${key})`;
  switch (verdict) {
    case "G":
      return { kind: "good", signer };
    case "N":
      return { kind: "none" };
    case "B":
      return { kind: "bad", why: `the signature does not fit the commit${by}` };
    case "U":
      return { kind: "bad", why: `the signer is not among the allowed signers${by}` };
    case "X":
    case "Y":
      return { kind: "bad", why: `the signature or its key has expired${by}` };
    default:
      return { kind: "bad", why: `the signature is of a kind that cannot be checked here${by}` };
  }
}

/** ConfigRepo.readFile. A symbolic link does not count as a file: its target is outside the commit's control. */
export async function readFileOf(
  mirror: Mirror,
  commit: string,
  path: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const listed = await must(mirror, ["ls-tree", "-z", "--long", "--full-tree", commit, "--", path], signal);
  const entry = /^100(?:644|755|664) blob ([0-9a-f]+) +(\d+)\t([^\0]+)\0$/.exec(listed.stdout);
  if (entry === null || entry[3] !== path) return undefined;
  if (Number(entry[2]) > fileLimit) throw tooLarge(commit, path, Number(entry[2]));
  return (await must(mirror, ["cat-file", "blob", entry[1] ?? ""], signal)).stdout;
}

/** All entries of a commit, by the path from its root. */
export async function treeOf(mirror: Mirror, commit: string, signal: AbortSignal): Promise<readonly TreeEntry[]> {
  const args = ["ls-tree", "-r", "-z", "--full-tree", commit] as const;
  const { stdout } = await must(mirror, args, signal, { maxBytes: treeLimit });
  return stdout.split("\0").flatMap((line) => {
    const [, mode = "", id = "", path = ""] = /^(\d{6}) \w+ ([0-9a-f]{40})\t(.+)$/s.exec(line) ?? [];
    return path === "" ? [] : [{ mode, id, path }];
  });
}

/** ConfigRepo.standIns. */
export async function standInsOf(
  mirror: Mirror,
  commit: string,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<readonly StandIn[]> {
  const entries = paths.length === 0 ? [] : await treeOf(mirror, commit, signal);
  const more = { maxBytes: treeLimit };
  return findStandIns(
    entries,
    paths,
    async (args, input) => (await must(mirror, args, signal, { ...more, input })).stdout,
  );
}

async function must(
  mirror: Mirror,
  args: readonly [string, ...string[]],
  signal: AbortSignal,
  more: Pick<GitQuestion, "input" | "maxBytes"> = {},
): Promise<ExecResult> {
  const result = await mirror.git.ask({ gitDir: mirror.directory, args, signal, ...more });
  if (result.code === 0) return result;
  throw await mirrorFailure(mirror, `git ${args[0]}`, result);
}

function tooLarge(commit: string, path: string, size: number): MusterError {
  return new MusterError({
    code: "config-file-too-large",
    message: `${path} of commit ${commit.slice(0, 12)} is too large: ${size} bytes, and ${fileLimit} are allowed`,
    hint: "Keep data out of it.",
  });
}
