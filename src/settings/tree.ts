import type { Place } from "../domain/problem.ts";

/** A parsed document in which every value knows its place. Aliases share one subtree. */
export type Tree = MapTree | ListTree | ScalarTree;

export type MapTree = {
  readonly kind: "map";
  readonly at: Place;
  readonly entries: ReadonlyMap<string, MapEntry>;
};

type MapEntry = { readonly keyAt: Place; readonly value: Tree };

type ListTree = { readonly kind: "list"; readonly at: Place; readonly items: readonly Tree[] };

type ScalarTree = {
  readonly kind: "scalar";
  readonly at: Place;
  readonly value: string | number | boolean | null;
  /** As it was written, without quotes. */
  readonly source: string;
};

/** Where in a document: keys and list positions, outermost first. */
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

/** The values alone. */
export function plain(tree: Tree): unknown {
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

/** The place of the value at a path, or of the nearest value around it. */
export function placeOf(tree: Tree, path: Path): Place {
  let node = tree;
  for (const step of path) {
    const next = child(node, step);
    if (next === undefined) break;
    node = next;
  }
  return node.at;
}

/** The place of a key rather than of its value. */
export function placeOfKey(tree: Tree, path: Path, key: string): Place {
  const node = find(tree, path);
  const entry = node?.kind === "map" ? node.entries.get(key) : undefined;
  return entry?.keyAt ?? placeOf(tree, path);
}

/** The place of every value that is no map, by its path as {@link pathText} writes it. */
export function leafPlaces(tree: Tree, path: Path = []): [string, Place][] {
  if (tree.kind !== "map") return [[pathText(path), tree.at]];
  return [...tree.entries].flatMap(([key, entry]) => leafPlaces(entry.value, [...path, key]));
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
