import { Buffer } from "node:buffer";
import { Composer, Lexer, LineCounter, Parser } from "yaml";
import type { Document } from "yaml";
import { printable } from "../domain/role/names.ts";
import type { Problem, SourcePosition } from "../domain/settings/problem.ts";
import { Converter, limits, Refusal } from "./convert.ts";
import type { Tree } from "./tree.ts";

/** A file and its content, decoded as UTF-8 with U+FFFD for invalid bytes. */
export type TextFile = { readonly file: string; readonly text: string };

/** A document, as far as it could be read. With `broken` there is one problem, and the tree is empty. */
export type Parsed = {
  readonly tree: Tree;
  readonly problems: readonly Problem[];
  readonly broken: boolean;
};

/** Reads one document of YAML 1.2. Never throws. An empty document is an empty map. */
export function parseYaml({ file, text }: TextFile): Parsed {
  const lines = new LineCounter();
  const position = (offset: number): SourcePosition => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    // After a directive in the middle of a text the library counts its line end as one more column.
    const start = lines.lineStarts[line - 1] ?? 0;
    const newline = text.indexOf("\n", start);
    const longest = (newline === -1 ? text.length : newline) - start + 1;
    return { file, line: Math.max(1, line), column: Math.max(1, Math.min(col, longest)) };
  };
  const empty: Tree = { kind: "map", at: { file, line: 1, column: 1 }, entries: new Map() };
  try {
    lines.addNewLine(0);
    refuseBytes(text, lines);
    const contents = compose(text, lines)?.contents ?? undefined;
    const problems: Problem[] = [];
    if (contents === undefined) return { tree: empty, problems, broken: false };
    const tree = new Converter(position, problems).convert(contents)?.tree;
    const isNothing = tree?.kind === "scalar" && tree.value === null;
    return { tree: tree === undefined || isNothing ? empty : tree, problems, broken: tree === undefined };
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    return { tree: empty, problems: [{ ...position(thrown.offset), message: thrown.message }], broken: true };
  }
}

/** @throws Refusal for content that no YAML file may hold, before a parser sees it */
function refuseBytes(text: string, lines: LineCounter): void {
  if (Buffer.byteLength(text) > limits.bytes) throw new Refusal("expected at most 1 MiB, found a larger file", 0);
  const bad = /[^\P{Cc}\t\n\r]|\uFFFD/u.exec(text);
  if (bad === null) return;
  for (let end = text.indexOf("\n"); end >= 0 && end < bad.index; end = text.indexOf("\n", end + 1)) {
    lines.addNewLine(end + 1);
  }
  const code = bad[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
  const found =
    bad[0] === "\uFFFD" ? "UTF-8, found a byte that is none" : `text, found the control character U+${code}`;
  throw new Refusal(`expected ${found}`, bad.index);
}

/**
 * The one document of a text; undefined without one.
 * @throws Refusal at the first syntax error, because later ones mostly follow from it
 */
function compose(text: string, lines: LineCounter): Document.Parsed | undefined {
  const composer = new Composer({
    version: "1.2",
    schema: "core",
    resolveKnownTags: false,
    merge: false,
    // The library compares every key with every other; the converter uses a map.
    uniqueKeys: false,
    prettyErrors: false,
    lineCounter: lines,
  });
  let only: Document.Parsed | undefined;
  for (const document of composer.compose(tokens(text, lines), true, text.length)) {
    if (only !== undefined) throw new Refusal("expected one document, found a second one", document.range[0]);
    only = document;
  }
  const [error] = [...(only?.errors ?? []), ...(only?.warnings ?? [])];
  if (error === undefined) return only;
  throw new Refusal(
    error.code === "TAB_AS_INDENT"
      ? "expected spaces to indent with, found a tab"
      : `expected valid YAML: ${printable(error.message.split("\n")[0] ?? "", 200)}`,
    error.pos[0],
  );
}

/**
 * Checks the parser's input, symbol by symbol: the composer is recursive and must be stopped before it is too deep.
 * @throws Refusal
 */
function* tokens(text: string, lines: LineCounter) {
  const parser = new Parser(lines.addNewLine);
  let count = 0;
  for (const symbol of new Lexer().lex(text)) {
    yield* parser.next(symbol);
    count += 1;
    if (parser.stack.length > limits.depth + 2) {
      throw new Refusal(`expected at most ${limits.depth} levels, found deeper nesting`, parser.offset);
    }
    if (count > limits.tokens) {
      throw new Refusal(`expected at most ${limits.tokens} symbols, found a larger document`, parser.offset);
    }
  }
  yield* parser.end();
}
