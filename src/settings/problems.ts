import type { z } from "zod";
import { nearest } from "../domain/text/nearest.ts";
import { printable } from "../domain/role/names.ts";
import type { Problem } from "../domain/settings/problem.ts";
import { expectationOf } from "./leaves.ts";
import { find, pathText, positionOf, positionOfKey } from "./tree.ts";
import type { Path, Tree } from "./tree.ts";

type Issue = z.core.$ZodIssue;

/** Adds to every issue its position, the expected and the found value, and the nearest valid name. */
export function problemsOf(issues: readonly Issue[], tree: Tree): Problem[] {
  return issues.flatMap((issue) => explain(issue, tree, []));
}

/** A problem with the value at a path, in the same words as all others. */
export function problemAt(tree: Tree, path: Path, expected: string, found?: string): Problem {
  return {
    ...positionOf(tree, path),
    message: `${subject(path)}expected ${expected}, found ${found ?? describe(find(tree, path), path)}`,
  };
}

/** Longer than any of our sentences: a limit for lists of foreign values. */
const longestMessage = 1_000;

/** In the order of the files, then of lines; each once, and safe for one line of a log. */
export function inOrder(problems: readonly Problem[], files: readonly string[]): Problem[] {
  const sorted = problems.toSorted(
    (a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column,
  );
  const seen = new Set<string>();
  return sorted
    .map((problem) => ({ ...problem, message: printable(problem.message, longestMessage) }))
    .filter((problem) => {
      const key = JSON.stringify(problem);
      return !seen.has(key) && seen.add(key);
    });
}

function explain(issue: Issue, tree: Tree, around: Path): Problem[] {
  const path = [...around, ...issue.path];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownKey(key, expectationOf(issue.message).keys ?? [], tree, path));
    case "invalid_union": {
      const meant = issue.errors.find((branch) => branch.every(isInner));
      if (meant !== undefined) return meant.flatMap((inner) => explain(inner, tree, path));
      break;
    }
    case "invalid_key":
      return [keyProblem(issue, tree, path)];
    default:
  }
  return [wrongValue(issue, tree, path)];
}

/** Whether a branch of a union says that the value has its type, but is wrong inside. */
export function isInner(issue: Issue): boolean {
  if (issue.path.length > 0) return true;
  if (issue.code === "invalid_union") return issue.errors.some((branch) => branch.every(isInner));
  return issue.code !== "invalid_type";
}

function wrongValue(issue: Issue, tree: Tree, path: Path): Problem {
  const node = find(tree, path);
  const at = positionOf(tree, path);
  if (node === undefined) return { ...at, message: `${subject(path)}missing, expected ${issue.message}` };
  const { found, valid } = params(issue);
  const meant = didYouMean(found ?? scalarText(node), valid);
  return {
    ...at,
    message: `${subject(path)}expected ${issue.message}, found ${found === undefined ? describe(node, path) : JSON.stringify(printable(found))}${remedy(issue, node)}${meant}`,
  };
}

function unknownKey(key: string, known: readonly string[], tree: Tree, path: Path): Problem {
  const quoted = JSON.stringify(printable(key));
  return {
    ...positionOfKey(tree, path, key),
    message: `${subject(path)}unknown key ${quoted}, expected ${known.join(", ")}${didYouMean(key, known)}`,
  };
}

function keyProblem(issue: Extract<Issue, { code: "invalid_key" }>, tree: Tree, path: Path): Problem {
  const key = String(path.at(-1));
  const parent = path.slice(0, -1);
  return {
    ...positionOfKey(tree, parent, key),
    message: `${subject(parent)}expected ${issue.issues[0]?.message ?? "another key"} as a key, found ${JSON.stringify(printable(key))}`,
  };
}

function params(issue: Issue): { found?: string; valid: readonly string[] } {
  if (issue.code === "invalid_value") return { valid: issue.values.map(String) };
  if (issue.code !== "custom") return { valid: [] };
  const { found, valid } = issue.params ?? {};
  return {
    ...(typeof found === "string" ? { found } : {}),
    valid: Array.isArray(valid) ? valid.map(String) : [],
  };
}

function didYouMean(found: string, valid: readonly string[]): string {
  const near = found.length > 64 ? undefined : nearest(found, valid);
  return near === undefined || found === "" || near === found ? "" : `; did you mean ${JSON.stringify(near)}?`;
}

/** The hint for a value of the wrong type with a clear intention. */
function remedy(issue: Issue, node: Tree): string {
  if (issue.code !== "invalid_type" || node.kind !== "scalar") return "";
  if (issue.expected === "string" && (typeof node.value === "number" || typeof node.value === "boolean")) {
    return expectationOf(issue.message).withUnit === true ? "; give it a unit" : "; put it in quotes";
  }
  if (typeof node.value !== "string") return "";
  const isNumber = issue.expected === "number" || issue.expected === "int";
  if (isNumber && /^-?\d+$/.test(node.value)) return "; take the quotes away";
  if (issue.expected === "boolean" && /^(yes|on)$/i.test(node.value)) return "; write true";
  if (issue.expected === "boolean" && /^(no|off)$/i.test(node.value)) return "; write false";
  return "";
}

const secretKeys = new Set(["key", "credentials", "headers", "password", "token"]);

function describe(node: Tree | undefined, path: Path): string {
  if (node === undefined) return "nothing";
  if (node.kind !== "scalar") return node.kind === "map" ? "a map" : "a list";
  if (node.value === null) return "nothing";
  // The value may be the secret itself, in place of the path of its file.
  if (path.some((step) => secretKeys.has(String(step)))) return "something else";
  // As in `user:password@proxy`, where no scheme marks the user.
  if (path[0] === "proxy" && node.source.includes("@")) return "something with a user";
  if (typeof node.value === "string") return JSON.stringify(printable(withoutUserInfo(node.value)));
  return typeof node.value === "number" ? `the number ${printable(node.source)}` : node.source;
}

function withoutUserInfo(value: string): string {
  const [from, to] = [value.indexOf("//"), value.lastIndexOf("@")];
  return from < 0 || to < from ? value : `${value.slice(0, from)}//…${value.slice(to)}`;
}

function scalarText(node: Tree): string {
  return node.kind === "scalar" && typeof node.value === "string" ? node.value : "";
}

function subject(path: Path): string {
  return path.length === 0 ? "" : `${pathText(path)}: `;
}
