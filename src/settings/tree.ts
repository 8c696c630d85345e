import type { Json } from "../domain/text/canonical.ts";
import type { SourcePosition } from "../domain/settings/problem.ts";

/** A parsed document in which every value knows its position. Aliases share one subtree. */
export type Tree = MapTree | ListTree | ScalarTree;

export type MapTree = {
  readonly kind: "map";
  readonly at: SourcePosition;
  readonly entries: ReadonlyMap<string, MapEntry>;
};

type MapEntry = { readonly keyAt: SourcePosition; readonly value: Tree };

type ListTree = { readonly kind: "list"; readonly at: SourcePosition; readonly items: readonly Tree[] };

type ScalarTree = {
  readonly kind: "scalar";
  readonly at: SourcePosition;
  readonly value: string | number | boolean | null;
  /** As it was written, without quotes. */
  readonly source: string;
};

/** A path in a document: keys and list positions, outermost first. */
export type Path = readonly PropertyKey[];

/** Later layers win: maps merge, lists and scalars replace. */
export function merge(base: Tree, over: Tree): Tree {
  if (base.kind !== "map" || over.kind !== "map") return over;
  const entries = new Map(base.entries);
  for (const [key, entry] of over.entries) {
    const below = base.entries.get(key);
    entries.set(key, below === undefined ? entry : { keyAt: entry.keyAt, value: merge(below.value, entry.value) });
  }
  return { kind: "map", at: base.at, entries };
}

/** The values without positions. */
export function plain(tree: Tree): Json {
  switch (tree.kind) {
    case "scalar":
      return tree.value;
    case "list":
      return tree.items.map(plain);
    case "map":
      return Object.fromEntries([...tree.entries].map(([key, entry]) => [key, plain(entry.value)]));
  }
}

/** The value at a path, if there is one. */
export function find(tree: Tree, path: Path): Tree | undefined {
  let node: Tree | undefined = tree;
  for (const step of path) node = node === undefined ? undefined : child(node, step);
  return node;
}

/** The position of the value at a path, or of the nearest value around it. */
export function positionOf(tree: Tree, path: Path): SourcePosition {
  let node = tree;
  for (const step of path) {
    const next = child(node, step);
    if (next === undefined) break;
    node = next;
  }
  return node.at;
}

/** The position of a key rather than of its value. */
export function positionOfKey(tree: Tree, path: Path, key: string): SourcePosition {
  const node = find(tree, path);
  const entry = node?.kind === "map" ? node.entries.get(key) : undefined;
  return entry?.keyAt ?? positionOf(tree, path);
}

/** The position of every value that is no map, by its path as {@link pathText} writes it. */
export function leafPositions(tree: Tree, path: Path = []): [string, SourcePosition][] {
  if (tree.kind !== "map") return [[pathText(path), tree.at]];
  return [...tree.entries].flatMap(([key, entry]) => leafPositions(entry.value, [...path, key]));
}

/** `roles.web.dns[0].type`; keys that are no plain words stand in brackets. */
export function pathText(path: Path): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (!/^[\w-]+$/.test(String(step))) text += `[${JSON.stringify(String(step))}]`;
    else text += text === "" ? String(step) : `.${String(step)}`;
  }
  return text;
}

function child(node: Tree, step: PropertyKey): Tree | undefined {
  if (node.kind === "map") return node.entries.get(String(step))?.value;
  if (node.kind === "list" && typeof step === "number") return node.items[step];
  return undefined;
}
