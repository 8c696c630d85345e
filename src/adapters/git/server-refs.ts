import { isCommitId } from "../../domain/role/ref-glob.ts";
import {
  allowsRef,
  refAtPath,
  refMeant,
  refPath,
  writtenRef,
  type RefKind,
  type WrittenRef,
} from "../../domain/role/ref-kind.ts";
import type { Mirror } from "./mirror.ts";
import { fetchFailure, unknownFetchFailure, type Validity } from "./failure.ts";
import { proxyFailure } from "./proxy.ts";
import { reach } from "./reach.ts";

/** A branch or tag of the server, and its object: a tag object for an annotated tag. */
export type ServerRef = { readonly kind: RefKind; readonly name: string; readonly object: string };

/** The refs to fetch of all allowed ones. */
export type RefChoice = {
  readonly refs: readonly ServerRef[];
  /** How many more the settings allow: over the limit, not fetched. */
  readonly leftOut: number;
};

const kinds: readonly RefKind[] = ["branch", "tag"];

/**
 * The branches and tags of the server that the settings allow, and no others.
 * @throws MusterError as ConfigRepo.fetch
 */
export async function allowedOnServer(
  mirror: Mirror,
  { validity, timeoutMs, signal }: Asking,
): Promise<readonly ServerRef[]> {
  const paths = mirror.refs.flatMap((glob) => pathsOf(writtenRef(glob)));
  // git's own `*` matches a slash as well: filter its list again.
  const globs = paths.map((path) => path.replaceAll("**", "*"));
  // `--refs`: an annotated tag alone, without its commit.
  const refs = await listServer(mirror, ["--refs"], globs, { validity, timeoutMs, signal });
  return refs.filter((ref) => allowsRef(mirror.refs, ref));
}

/** ConfigRepo.headOnServer. */
export async function headOnServer(
  mirror: Mirror,
  text: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const validity = await reach(mirror.url, signal, mirror.proxy?.());
  const wish = writtenRef(text);
  const paths = pathsOf(wish);
  // `^{}` is the commit that an annotated tag points at.
  const asked = [...paths, ...paths.map((path) => `${path}^{}`)];
  const refs = await listServer(mirror, [], asked, { validity, timeoutMs, signal });
  const found = refMeant(
    refs.filter((ref) => allowsRef(mirror.refs, ref)),
    wish,
  );
  if (found === undefined) return undefined;
  return refs.find(({ kind, name }) => kind === found.kind && name === `${found.name}^{}`)?.object ?? found.object;
}

/**
 * The refs to fetch if the settings allow more than `limit`: names without a wildcard, the requested ref, those of the
 * mirror, and then by name. Pure.
 */
export function chooseRefs(allowed: readonly ServerRef[], { globs, wanted, present, limit }: RefWishes): RefChoice {
  if (allowed.length <= limit) return { refs: allowed, leftOut: 0 };
  const essential = new Set(meantRefs(allowed, [...globs, wanted]));
  const rank = (ref: ServerRef): number => (essential.has(ref) ? 0 : present.has(refPath(ref.kind, ref.name)) ? 1 : 2);
  const ranked = allowed.map((ref) => ({ ref, rank: rank(ref), path: refPath(ref.kind, ref.name) }));
  ranked.sort((a, b) => a.rank - b.rank || (a.path < b.path ? -1 : 1));
  return { refs: ranked.slice(0, limit).map(({ ref }) => ref), leftOut: allowed.length - limit };
}

export type RefWishes = {
  /** `config.refs`. */
  readonly globs: readonly string[];
  /** The run's request: a name, or a commit id. */
  readonly wanted: string | undefined;
  /** The paths of the refs that the mirror has. */
  readonly present: ReadonlySet<string>;
  readonly limit: number;
};

/** The refs that names mean, each one branch or tag at most; globs and commit ids mean none. Pure. */
export function meantRefs(refs: readonly ServerRef[], names: readonly (string | undefined)[]): readonly ServerRef[] {
  return [...new Set(plainNames(names).flatMap((name) => refMeant(refs, writtenRef(name)) ?? []))];
}

function plainNames(names: readonly (string | undefined)[]): readonly string[] {
  return names.flatMap((name) => (name === undefined || /[*?]/.test(name) || isCommitId(name) ? [] : [name]));
}

function pathsOf({ kind, name }: WrittenRef): readonly string[] {
  return (kind === undefined ? kinds : [kind]).map((each) => refPath(each, name));
}

/** How to call the server. */
export type Asking = {
  readonly validity: Validity | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
};

async function listServer(
  mirror: Mirror,
  options: readonly string[],
  paths: readonly string[],
  { validity, timeoutMs, signal }: Asking,
): Promise<readonly ServerRef[]> {
  // Without the two options a server lists all its other refs too, such as pull requests.
  const only = ["--heads", "--tags"];
  const result = await mirror.git.run({
    // Without a repository: a damaged mirror must not keep us from the server.
    gitDir: "/nonexistent",
    args: ["ls-remote", "--quiet", ...only, ...options, ...localHalf(mirror), "--", mirror.url.text, ...paths],
    signal,
    timeoutMs,
  });
  if (result.code !== 0) {
    const failure = proxyFailure(mirror, result.stderr) ?? fetchFailure(result, mirror.url, validity);
    throw failure ?? unknownFetchFailure(result, mirror.url);
  }
  return serverRefsIn(result.stdout);
}

/** The branches and tags in the output of ls-remote. Other lines are skipped. */
export function serverRefsIn(printed: string): readonly ServerRef[] {
  return printed.split("\n").flatMap((line) => {
    const [, object = "", path = ""] = /^([0-9a-f]{40})\t(\S+)$/.exec(line) ?? [];
    const ref = refAtPath(path);
    return ref === undefined ? [] : [{ ...ref, object }];
  });
}

/** Over file:// git starts its other half without our configuration; root may read other users' repositories. */
export function localHalf({ url }: Mirror): readonly string[] {
  return url.scheme === "file" ? ["--upload-pack=git -c safe.directory='*' upload-pack"] : [];
}
