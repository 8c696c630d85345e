import { matchesRefGlob } from "./ref-glob.ts";

/** What a name of the config repo points by. */
export type RefKind = "branch" | "tag";

/** A name as settings, tags and people write it: `main`, or with its kind `heads/main`, `tags/v1`. */
export type WrittenRef = {
  /** Absent: of either kind. */
  readonly kind?: RefKind;
  /** Without the kind. */
  readonly name: string;
};

const folders: Readonly<Record<RefKind, string>> = { branch: "heads", tag: "tags" };

/** Reads a name or a glob of names. What begins with `heads/` or `tags/` says its kind, whatever branches are called. */
export function writtenRef(text: string): WrittenRef {
  if (text.startsWith("heads/")) return { kind: "branch", name: text.slice("heads/".length) };
  if (text.startsWith("tags/")) return { kind: "tag", name: text.slice("tags/".length) };
  return { name: text };
}

/** `heads/main`: the name together with its kind. */
export function withKind(kind: RefKind, name: string): string {
  return `${folders[kind]}/${name}`;
}

/** `refs/heads/main`: what git calls it. */
export function refPath(kind: RefKind, name: string): string {
  return `refs/${withKind(kind, name)}`;
}

/** The branch or tag that git calls so; undefined for everything else. */
export function refAtPath(path: string): { readonly kind: RefKind; readonly name: string } | undefined {
  const { kind, name } = writtenRef(path.replace(/^refs\//, ""));
  return kind === undefined || name === "" || !path.startsWith("refs/") ? undefined : { kind, name };
}

/** Whether globs of the settings allow a branch, a tag or, where no kind is said, either. */
export function allowsRef(globs: readonly string[], ref: WrittenRef): boolean {
  return globs.some((glob) => {
    const allowed = writtenRef(glob);
    const sameKind = allowed.kind === undefined || ref.kind === undefined || allowed.kind === ref.kind;
    return sameKind && matchesRefGlob(allowed.name, ref.name);
  });
}

/**
 * Which of the refs a written name means: at most one branch and one tag may bear it. Where both do, the branch,
 * unless the kind is said or `before` says that the name stood for a tag here. So nobody who may only push tags can
 * take the place of a branch, or stop those who follow it.
 */
export function refMeant<Ref extends { readonly kind: RefKind; readonly name: string }>(
  refs: readonly Ref[],
  { kind, name }: WrittenRef,
  before?: RefKind,
): Ref | undefined {
  const named = refs.filter((ref) => ref.name === name && (kind === undefined || ref.kind === kind));
  return named.find((ref) => ref.kind === before) ?? named.find((ref) => ref.kind === "branch") ?? named[0];
}
