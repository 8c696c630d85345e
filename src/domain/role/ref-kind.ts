import { matchesRefGlob } from "./ref-glob.ts";

/** The kind of a name in the config repo. */
export type RefKind = "branch" | "tag";

/** A name as settings, tags and people write it: `main`, or with its kind `heads/main`, `tags/v1`. */
export type WrittenRef = {
  /** Absent: of either kind. */
  readonly kind?: RefKind;
  /** Without the kind. */
  readonly name: string;
};

const folders: Readonly<Record<RefKind, string>> = { branch: "heads", tag: "tags" };

/** Reads a name or a glob of names. The prefix `heads/` or `tags/` is its kind, even if a branch has such a name. */
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

/** The branch or tag of this git name; undefined for any other. */
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
 * The ref that a written name means: one branch and one tag may share it. Then the branch wins, unless the kind is
 * given, or `before` says that the name meant a tag here. So a user who may only push tags cannot replace a branch, or
 * stop the instances that follow it.
 */
export function refMeant<Ref extends { readonly kind: RefKind; readonly name: string }>(
  refs: readonly Ref[],
  { kind, name }: WrittenRef,
  before?: RefKind,
): Ref | undefined {
  const named = refs.filter((ref) => ref.name === name && (kind === undefined || ref.kind === kind));
  return named.find((ref) => ref.kind === before) ?? named.find((ref) => ref.kind === "branch") ?? named[0];
}
