import { isAlias, isMap, isScalar, isSeq } from "yaml";
import type { ParsedNode, YAMLMap } from "yaml";
import { printable } from "../domain/role/names.ts";
import type { Problem, SourcePosition } from "../domain/settings/problem.ts";
import type { Tree } from "./tree.ts";

/** The limits of a document: far above what people write, far below what would do harm. */
export const limits = { bytes: 1024 * 1024, tokens: 200_000, depth: 64, nodes: 100_000 } as const;

/** A document that is not read any further. */
export class Refusal extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** A subtree, and how large and how deep it is with every alias followed. */
type Sized = { readonly tree: Tree; readonly size: number; readonly depth: number };

/**
 * Turns the parser's nodes into a {@link Tree}; a key or value that a tree cannot hold goes to the list of problems. An
 * alias shares the tree of its anchor, so that aliases cannot fill the memory.
 */
export class Converter {
  readonly #position: (offset: number) => SourcePosition;
  readonly #problems: Problem[];
  readonly #anchors = new Map<string, Sized>();

  constructor(position: (offset: number) => SourcePosition, problems: Problem[]) {
    this.#position = position;
    this.#problems = problems;
  }

  /**
   * @returns undefined if a problem removes the value
   * @throws Refusal
   */
  convert(node: ParsedNode): Sized | undefined {
    const at = this.#position(node.range[0]);
    if (isAlias(node)) {
      const known = this.#anchors.get(node.source);
      return known ?? this.#problem(at, `expected an anchor that stands before it, found *${printable(node.source)}`);
    }
    const sized = this.#value(node, at);
    if (sized.size > limits.nodes) {
      throw new Refusal(`expected at most ${limits.nodes} values, found more with the aliases followed`, node.range[0]);
    }
    if (sized.depth > limits.depth) {
      throw new Refusal(`expected at most ${limits.depth} levels, found more with the aliases followed`, node.range[0]);
    }
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, sized);
    return sized;
  }

  #value(node: ParsedNode, at: SourcePosition): Sized {
    if (isMap<ParsedNode, ParsedNode | null>(node)) return this.#map(node.items, at);
    if (!isSeq<ParsedNode>(node))
      return scalar(at, isScalar(node) ? node.value : null, isScalar(node) ? node.source : "");
    const items = node.items.flatMap((item) => this.convert(item) ?? []);
    return { ...around(items), tree: { kind: "list", at, items: items.map(({ tree }) => tree) } };
  }

  #map(items: YAMLMap<ParsedNode, ParsedNode | null>["items"], at: SourcePosition): Sized {
    const values: Sized[] = [];
    const entries = new Map<string, { keyAt: SourcePosition; value: Tree }>();
    for (const { key, value } of items) {
      const keyAt = this.#position(key.range[0]);
      const name = this.#key(key, keyAt, entries);
      const sized = value === null ? scalar(keyAt, null, "") : this.convert(value);
      if (name === undefined || sized === undefined) continue;
      values.push(sized);
      entries.set(name, { keyAt, value: sized.tree });
    }
    return { ...around(values), tree: { kind: "map", at, entries } };
  }

  #key(
    key: ParsedNode,
    at: SourcePosition,
    entries: ReadonlyMap<string, { keyAt: SourcePosition }>,
  ): string | undefined {
    if (!isScalar(key)) return this.#problem(at, "expected text as a key, found a list, a map or an alias");
    const { value: name, source } = key;
    if (typeof name !== "string")
      return this.#problem(at, `expected text as a key, found ${printable(source)}; put it in quotes`);
    if (name === "__proto__") return this.#problem(at, "expected another key, found __proto__");
    const before = entries.get(name);
    if (before === undefined) return name;
    const { line, column } = before.keyAt;
    return this.#problem(at, `expected every key once, found "${printable(name)}" again (first at ${line}:${column})`);
  }

  #problem(at: SourcePosition, message: string): undefined {
    this.#problems.push({ ...at, message });
    return undefined;
  }
}

function scalar(at: SourcePosition, value: unknown, source: string | undefined): Sized {
  const isPlain = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  return { tree: { kind: "scalar", at, value: isPlain ? value : null, source: source ?? "" }, size: 1, depth: 0 };
}

function around(values: readonly Sized[]): { size: number; depth: number } {
  return values.reduce((sum, { size, depth }) => ({ size: sum.size + size, depth: Math.max(sum.depth, depth + 1) }), {
    size: 1,
    depth: 1,
  });
}
