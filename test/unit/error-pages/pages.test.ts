import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { commandsOf } from "../../../src/app/commands.ts";
import { errorAreas, errorPage } from "../../../src/error-pages/pages.ts";
import { jsonSchemaOf, type JsonSchema } from "../../../src/settings/json-schema.ts";

const root = join(import.meta.dirname, "../../..");
const codes = errorAreas.flatMap(({ pages }) => Object.keys(pages));

function text(file: string): string {
  return readFileSync(join(root, file), "utf8");
}

/** The sources that throw and tell, without the list of codes and the pages. */
const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !/^(domain\/error-codes|cli\/error-pages\/)/.test(file))
  .map((file) => text(`src/${file}`));

const source = sources.join("\n");

function namesIn(words: string): readonly string[] {
  return [...words.matchAll(/`([a-z]+(?:-[a-z]+)+)`/g)].map((match) => match[1] ?? "");
}

describe("the codes", () => {
  test("every one is thrown or told somewhere", () => {
    expect(codes.filter((code) => !source.includes(`"${code}"`))).toEqual([]);
  });

  test("every one that is thrown or told has a page", () => {
    const told = [...source.matchAll(/\b(?:code: |warn\(\s*|onWarning\(\s*)"([a-z]+-[a-z-]+)"/g)].map(
      (match) => match[1] ?? "",
    );
    expect(told.filter((code) => errorPage(code) === undefined)).toEqual([]);
    expect(told.length).toBeGreaterThan(100);
  });

  test("every one that a comment says to be thrown exists", () => {
    const comments = sources.flatMap((file) => [...file.matchAll(/@throws MusterError([^@/]*)/g)]);
    const named = comments.flatMap(([, words = ""]) => namesIn(words));
    expect(named.filter((code) => errorPage(code) === undefined)).toEqual([]);
    expect(named.length).toBeGreaterThan(30);
  });

  test("every one in a table of docs exists", () => {
    const files = readdirSync(join(root, "docs")).filter((file) => file.endsWith(".md"));
    const tables = files.flatMap((file) => [...text(`docs/${file}`).matchAll(/^\| code \|.*\n((?:\|.*\n)+)/gm)]);
    const named = tables.flatMap(([, rows = ""]) =>
      rows.split("\n").flatMap((row) => namesIn(row.split("|")[1] ?? "")),
    );
    expect(named.filter((code) => errorPage(code) === undefined)).toEqual([]);
    expect(named.length).toBeGreaterThan(10);
  });

  test("each stands in one place, under an anchor of its own", () => {
    const anchors = [...text("docs/errors.md").matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
      title
        .toLowerCase()
        .replaceAll(/[^a-z -]/g, "")
        .replaceAll(" ", "-"),
    );
    expect(new Set(anchors).size).toBe(anchors.length);
    const links = [...text("docs/errors.md").matchAll(/\]\(#([^)]*)\)/g)].map((match) => match[1] ?? "");
    expect(links.filter((link) => !anchors.includes(link))).toEqual([]);
  });

  test("what is none has no page", () => {
    expect(["", "x", "toString", "constructor"].map(errorPage)).toEqual([undefined, undefined, undefined, undefined]);
  });
});

describe("what the pages say", () => {
  const pages = errorAreas.flatMap(({ pages: all }) => Object.entries(all));
  const commands = pages.flatMap(([, { todo }]) =>
    todo.flatMap((step) => (typeof step === "string" ? [] : step.slice(1))),
  );
  const prose = pages.flatMap(([, { happened, causes, todo }]) => [
    happened,
    ...causes,
    ...todo.map((step) => (typeof step === "string" ? step : step[0])),
  ]);
  const quoted = prose.flatMap((words) => [...words.matchAll(/`([^`]*)`/g)].map((match) => match[1] ?? ""));

  test.each(pages)("%s: what happened, why, and what to do", (_code, { happened, causes, todo }) => {
    expect(happened).toMatch(/[.]$/);
    expect(causes.length).toBeGreaterThan(0);
    expect(todo.length).toBeGreaterThan(0);
  });

  test("quotes are closed, and a sentence ends", () => {
    expect(prose.filter((words) => words.split("`").length % 2 === 0 || !/[.:!?]$/.test(words))).toEqual([]);
  });

  test("a command can be typed: one line of plain characters, and a shell reads it", () => {
    expect(commands.filter((line) => !/^[ -~]+$/.test(line))).toEqual([]);
    execFileSync("/bin/sh", ["-n"], { input: commands.join("\n") });
  });

  test("every muster command exists, and so does every option", () => {
    const { signal } = new AbortController();
    const names = new Set(Object.keys(commandsOf({ env: {}, ended: signal, unread: signal, now: () => "" })));
    const cli = readdirSync(join(root, "src/cli"), { recursive: true, encoding: "utf8" }).filter((file) =>
      file.endsWith(".ts"),
    );
    const flags = cli.flatMap((file) => [...text(`src/cli/${file}`).matchAll(/"(?:-\w, )?(--[a-z-]+)[ "]/g)]);
    const options = new Set(["--help", "--version", ...flags.map((match) => match[1])]);
    const used = [...commands, ...quoted].filter((words) => words.startsWith("muster "));
    const wrong = used.filter((line) => {
      const [, name = "", ...words] = line.split(" ");
      if (!name.startsWith("-") && !names.has(name)) return true;
      return [name, ...words].some((word) => word.startsWith("--") && !options.has(word));
    });
    expect(wrong).toEqual([]);
    expect(used.length).toBeGreaterThan(20);
  });

  test("every key of the settings exists", () => {
    const settings = jsonSchemaOf("settings");
    const keys = quoted.flatMap(
      (words) => /^((?:config|clock|retry|tags|defaults|local)\.[\w.]+)/.exec(words)?.[1] ?? [],
    );
    expect(keys.filter((key) => !hasKey(settings, key.split(".")))).toEqual([]);
    expect(keys.length).toBeGreaterThan(20);
  });
});

function hasKey(schema: JsonSchema | boolean | undefined, path: readonly string[]): boolean {
  if (schema === undefined || typeof schema === "boolean") return false;
  const [key, ...rest] = path;
  if (key === undefined) return true;
  const inner = schema.properties?.[key];
  if (inner !== undefined) return hasKey(inner, rest);
  return (schema.anyOf ?? []).some((option) => hasKey(option, path));
}
