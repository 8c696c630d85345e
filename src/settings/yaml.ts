import { Buffer } from "node:buffer";
import { Composer, isAlias, isCollection, isMap, isPair, isScalar, Lexer, LineCounter, Parser } from "yaml";
import type { Document, ParsedNode } from "yaml";
import { printable } from "../domain/names.ts";
import type { Place, Problem } from "../domain/problem.ts";
import type { MapTree, Tree } from "./tree.ts";

/** A file and what it holds, decoded as UTF-8 with U+FFFD for what is none. */
export type TextFile = { readonly file: string; readonly text: string };

/** What a document may weigh. Far above what people write, far below what hurts. */
export const limits = { bytes: 1024 * 1024, tokens: 200_000, depth: 64, nodes: 100_000 } as const;

/** A document as far as it could be read. With `broken` the tree is not worth a further look. */
export type Parsed = {
  readonly tree: Tree;
  readonly problems: readonly Problem[];
  readonly broken: boolean;
};

/** Reads one YAML 1.2 document. Never throws for any text. An empty document is an empty map. */
export function parseYaml({ file, text }: TextFile): Parsed {
  const start = { file, line: 1, column: 1 };
  const empty: MapTree = { kind: "map", at: start, entries: new Map() };
  const refused = (problem: Problem): Parsed => ({ tree: empty, problems: [problem], broken: true });

  if (Buffer.byteLength(text) > limits.bytes) {
    return refused({ ...start, message: "expected at most 1 MiB, found a larger file" });
  }
  const bad = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F\uFFFD]/.exec(text);
  if (bad !== null) return refused({ ...placeIn(file, text, bad.index), message: describeBadCharacter(bad[0]) });

  const lines = new LineCounter();
  lines.addNewLine(0);
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  let document: Document.Parsed | undefined;
  try {
    document = compose(text, lines);
  } catch (thrown) {
    if (thrown instanceof TooMuch) return refused({ ...place(thrown.offset), message: thrown.message });
    throw thrown;
  }
  const [error] = [...(document?.errors ?? []), ...(document?.warnings ?? [])];
  // What follows the first syntax error is mostly its echo.
  if (error !== undefined) return refused({ ...place(error.pos[0]), message: describeSyntax(error) });
  if (document === undefined || document.contents === null) return { tree: empty, problems: [], broken: false };

  const problems: Problem[] = [];
  const tree = new Converter(place, problems).convert(document.contents, 0)?.tree;
  return { tree: tree ?? empty, problems, broken: tree === undefined };
}

class TooMuch extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** Feeds the composer token by token: it recurses, and has to be stopped before it is too deep. */
function compose(text: string, lines: LineCounter): Document.Parsed | undefined {
  const parser = new Parser(lines.addNewLine);
  const composer = new Composer({
    version: "1.2",
    schema: "core",
    resolveKnownTags: false,
    merge: false,
    // The library compares every key with every other; ours is below.
    uniqueKeys: false,
    prettyErrors: false,
    lineCounter: lines,
  });
  function* tokens() {
    let count = 0;
    for (const lexeme of new Lexer().lex(text)) {
      yield* parser.next(lexeme);
      count += 1;
      if (parser.stack.length > limits.depth + 2) {
        throw new TooMuch(`expected at most ${limits.depth} levels, found deeper nesting`, parser.offset);
      }
      if (count > limits.tokens) {
        throw new TooMuch(`expected a document of reasonable size, found more than ${limits.tokens} symbols`, parser.offset);
      }
    }
    yield* parser.end();
  }
  let first: Document.Parsed | undefined;
  for (const document of composer.compose(tokens(), true, text.length)) {
    if (first !== undefined) throw new TooMuch("expected one document, found a second one", document.range[0]);
    first = document;
  }
  return first;
}

type Sized = { readonly tree: Tree; /** Values in it, aliases counted in full. */ readonly size: number };

class Converter {
  readonly #place: (offset: number) => Place;
  readonly #problems: Problem[];
  readonly #anchors = new Map<string, Sized>();

  constructor(place: (offset: number) => Place, problems: Problem[]) {
    this.#place = place;
    this.#problems = problems;
  }

  /** @returns undefined when the value is left out because of a problem, which is then on the list */
  convert(node: ParsedNode, depth: number): Sized | undefined {
    const at = this.#place(node.range[0]);
    if (isAlias(node)) {
      const known = this.#anchors.get(node.source);
      return known ?? this.#problem(at, `expected an anchor that stands before it, found *${printable(node.source)}`);
    }
    const sized = isCollection(node) ? this.#collection(node, at, depth) : this.#scalar(node, at);
    if (sized !== undefined && sized.size > limits.nodes) {
      return this.#problem(at, `expected at most ${limits.nodes} values, found more once the aliases are followed`);
    }
    if (node.anchor !== undefined && sized !== undefined) this.#anchors.set(node.anchor, sized);
    return sized;
  }

  #scalar(node: ParsedNode, at: Place): Sized {
    const value: unknown = isScalar(node) ? node.value : null;
    const source = isScalar(node) && node.source !== undefined ? node.source : "";
    const usable = typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null;
    return { tree: { kind: "scalar", at, value: usable, source }, size: 1 };
  }

  #collection(node: ParsedNode, at: Place, depth: number): Sized | undefined {
    if (depth >= limits.depth) return this.#problem(at, `expected at most ${limits.depth} levels, found deeper nesting`);
    if (isMap<ParsedNode, ParsedNode | null>(node)) return this.#map(node.items, at, depth);
    if (!isCollection(node)) return undefined;
    let size = 1;
    const items = node.items.flatMap((item) => {
      const sized = isPair(item) ? undefined : this.convert(item as ParsedNode, depth + 1);
      size += sized?.size ?? 0;
      return sized === undefined ? [] : [sized.tree];
    });
    return { tree: { kind: "list", at, items }, size };
  }

  #map(items: readonly { key: ParsedNode; value: ParsedNode | null }[], at: Place, depth: number): Sized {
    let size = 1;
    const entries = new Map<string, { keyAt: Place; value: Tree }>();
    for (const { key, value } of items) {
      const keyAt = this.#place(key.range[0]);
      const name = this.#key(key, keyAt, entries);
      const sized = value === null ? nothing(keyAt) : this.convert(value, depth + 1);
      if (name === undefined || sized === undefined) continue;
      size += sized.size;
      entries.set(name, { keyAt, value: sized.tree });
    }
    return { tree: { kind: "map", at, entries }, size };
  }

  #key(key: ParsedNode, at: Place, entries: ReadonlyMap<string, { keyAt: Place }>): string | undefined {
    if (!isScalar(key) || typeof key.value !== "string") {
      return this.#problem(at, `expected text as a key, found ${isScalar(key) ? `${printable(String(key.source))}: put it in quotes` : "a list or a map"}`);
    }
    const name = key.value;
    if (name === "__proto__") return this.#problem(at, "expected a key, found __proto__, which can be none");
    const before = entries.get(name);
    if (before === undefined) return name;
    const { line, column } = before.keyAt;
    return this.#problem(at, `expected every key once, found "${printable(name)}" again (first at ${line}:${column})`);
  }

  #problem(at: Place, message: string): undefined {
    this.#problems.push({ ...at, message });
    return undefined;
  }
}

function nothing(at: Place): Sized {
  return { tree: { kind: "scalar", at, value: null, source: "" }, size: 1 };
}

function describeSyntax(error: { readonly code: string; readonly message: string }): string {
  if (error.code === "TAB_AS_INDENT") return "expected spaces to indent with, found a tab";
  const [text = ""] = error.message.split("\n");
  return `expected valid YAML: ${printable(text, 200)}`;
}

function describeBadCharacter(character: string): string {
  if (character === "\uFFFD") return "expected UTF-8, found a byte that is none";
  const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
  return `expected text, found the control character U+${code}`;
}

function placeIn(file: string, text: string, offset: number): Place {
  const before = text.slice(0, offset).split("\n");
  return { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
