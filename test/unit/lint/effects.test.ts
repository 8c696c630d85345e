// Effects that need no import: the clock, chance, the network and the process are seen too.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const repository = resolve(import.meta.dirname, "../../..");
const forbidden = [
  'await fetch("http://192.0.2.1/");',
  "setTimeout(Object, 1);",
  "setInterval(Object, 1);",
  "setImmediate(Object);",
  "performance.now();",
  "Date.now();",
  "new Date();",
  "AbortSignal.timeout(1);",
  "Math.random();",
  "process.exit(1);",
  "globalThis.process.exit(1);",
  'globalThis.fetch("http://192.0.2.1/");',
  'console.log("hello");',
  'const name = "node:fs"; await import(name);',
  "await import(`node:${String(1)}`);",
];
/** By path, in an adapter: another file may be there by then. */
const byPath = [
  'import { chmod } from "node:fs/promises"; await chmod("/x", 0o644);',
  'import { chownSync as give } from "node:fs"; give("/x", 0, 0);',
  'import { writeFile } from "fs/promises"; await writeFile("/x", "");',
  'import { createWriteStream } from "node:fs"; createWriteStream("/x");',
  'import { promises } from "node:fs"; await promises.chmod("/x", 0o644);',
  'import * as fs from "node:fs"; fs.chmodSync("/x", 0o644);',
  'import fs from "node:fs"; fs.chmodSync("/x", 0o644);',
  'const { chmod } = await import("node:fs/promises"); await chmod("/x", 0o644);',
  'import { open } from "node:fs/promises"; await open("/x", "wx");',
  'import { openSync } from "node:fs"; openSync("/x", 0o101);',
  'import { open as unlock } from "node:fs/promises"; const how: string = "w"; await unlock("/x", how);',
];
const byHandle = [
  'import { open, rename, rm } from "node:fs/promises"; await open("/x"); await open("/x", "r"); await rename("/x", "/y"); await rm("/y");',
];
const allowed = ['new Date("2026-01-01T00:00:00Z");', "AbortSignal.any([]);", "Math.max(1, 2);"];

let scratch: string;
let problems: Map<string, string>;

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "muster-lint-"));
  for (const name of ["lint", "oxlint.config.ts", "package.json", "tsconfig.json"]) {
    cpSync(join(repository, name), join(scratch, name), { recursive: true });
  }
  symlinkSync(join(repository, "node_modules"), join(scratch, "node_modules"));
  forbidden.forEach((line, at) => plant(`src/run/forbidden-${at}.ts`, line));
  allowed.forEach((line, at) => plant(`src/run/allowed-${at}.ts`, line));
  byPath.forEach((line, at) => plant(`src/adapters/host/by-path-${at}.ts`, line));
  byHandle.forEach((line, at) => plant(`src/adapters/host/by-handle-${at}.ts`, line));
  plant("src/adapters/host/handles/writer.ts", byPath[0] ?? "");
  plant("src/adapters/host/exit.ts", "process.exit(1);");
  plant("src/adapters/host/clock.ts", "Date.now(); setTimeout(Object, 1);");
  plant("src/main.ts", "process.exit(1);");
  const request = 'import { request as ask } from "node:http";';
  plant("src/adapters/host/fetch.ts", 'await fetch("http://192.0.2.1/");');
  plant("src/adapters/host/global-fetch.ts", 'await globalThis.fetch("http://192.0.2.1/");');
  plant("src/app/connect.ts", 'await fetch("http://192.0.2.1/");');
  plant("src/adapters/host/shared-agent.ts", `${request} ask("http://192.0.2.1/").end();`);
  plant(
    "src/adapters/host/shared-agent-too.ts",
    'import * as http from "node:http"; http.get("http://192.0.2.1/", { method: "PUT" });',
  );
  plant(
    "src/adapters/host/own-agent.ts",
    `${request} ask("http://192.0.2.1/", { method: "PUT", agent: false }).end();`,
  );
  problems = lint();
}, 60_000);

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test.each(forbidden.map((line, at) => [line, at] as const))("%s", (_line, at) => {
  expect(problems.get(`src/run/forbidden-${at}.ts`)).toMatch(/port|argument|main\.ts|plain string/);
});

test("what only computes is let through", () => {
  expect(allowed.filter((_line, at) => problems.has(`src/run/allowed-${at}.ts`))).toEqual([]);
});

test.each(byPath.map((line, at) => [line, at] as const))("%s", (_line, at) => {
  expect(problems.get(`src/adapters/host/by-path-${at}.ts`)).toMatch(/handles|by name/);
});

test("files are read and renamed everywhere, and made in one folder", () => {
  expect(byHandle.filter((_line, at) => problems.has(`src/adapters/host/by-handle-${at}.ts`))).toEqual([]);
  expect(problems.get("src/adapters/host/handles/writer.ts")).toBeUndefined();
});

test("adapters have effects, and only main.ts exits", () => {
  expect(problems.get("src/adapters/host/exit.ts")).toMatch(/main\.ts/);
  expect(problems.get("src/adapters/host/clock.ts")).toBeUndefined();
  expect(problems.get("src/main.ts")).toBeUndefined();
});

test("no request of an adapter takes the proxy of the environment", () => {
  for (const file of ["adapters/host/fetch", "adapters/host/global-fetch", "app/connect"])
    expect(problems.get(`src/${file}.ts`), file).toMatch(/proxy of the environment/);
  for (const file of ["shared-agent", "shared-agent-too"])
    expect(problems.get(`src/adapters/host/${file}.ts`), file).toMatch(/agent: false/);
  expect(problems.get("src/adapters/host/own-agent.ts")).toBeUndefined();
});

function plant(file: string, line: string): void {
  mkdirSync(dirname(join(scratch, file)), { recursive: true });
  writeFileSync(join(scratch, file), `${line}\nexport {};\n`);
}

/** What the linter says of each file, by the rules that fence effects in. */
function lint(): Map<string, string> {
  const oxlint = spawnSync("oxlint", ["--format=json", "src"], { cwd: scratch, encoding: "utf8", timeout: 50_000 });
  const { diagnostics } = JSON.parse(oxlint.stdout) as {
    diagnostics: { code: string; filename: string; message: string; help?: string }[];
  };
  const fences = /^muster\(|^eslint\(no-restricted-/;
  const seen = diagnostics.filter(({ code }) => fences.test(code));
  return new Map(seen.map(({ filename, message, help = "" }) => [filename, `${message} ${help}`]));
}
