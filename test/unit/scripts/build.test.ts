import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const repository = resolve(import.meta.dirname, "../../..");
const sources = ["src", "scripts", "package.json", "package-lock.json", "tsconfig.json", ".gitignore"];

let scratch: string;
let first: string;
let commit: string;

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "muster-build-"));
  first = join(scratch, "first");
  for (const name of sources) cpSync(join(repository, name), join(first, name), { recursive: true });
  git(first, "init", "--quiet");
  git(first, "add", ".");
  git(first, "commit", "--quiet", "--message=everything");
  commit = git(first, "rev-parse", "--short=12", "HEAD");
  copyRuntimePackages(first);
});

// Two working trees: on a busy disk more than the ten seconds of a hook.
afterAll(() => rmSync(scratch, { recursive: true, force: true }), 120_000);

test("two builds of one commit in two directories are the same bytes", { timeout: 120_000 }, () => {
  const second = join(scratch, "deeper", "second");
  git(scratch, "clone", "--quiet", first, second);
  copyRuntimePackages(second);

  expect(digest(build(first))).toBe(digest(build(second)));
});

test("the binary knows its version and commit, and whether the sources differ from it", { timeout: 120_000 }, () => {
  expect(run(build(first), "--version")).toMatch(new RegExp(`0\\.1\\.0.*\\b${commit}(?!-dirty)`));

  appendFileSync(join(first, "README.md"), "not an input of the build\n");
  expect(run(build(first), "--version")).not.toContain("dirty");

  appendFileSync(join(first, "src/main.ts"), "\n// changed\n");
  expect(run(build(first), "--version")).toContain(`${commit}-dirty`);

  rmSync(join(first, ".git"), { recursive: true });
  expect(run(build(first), "--version")).toContain("unknown");
});

function build(root: string): string {
  run(process.execPath, join(root, "scripts/build.ts"));
  return join(root, "dist/muster");
}

function digest(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

/** Each checkout has its own, as after `npm ci`: a shared one would lie at another relative path. */
function copyRuntimePackages(root: string): void {
  const lock = JSON.parse(readFileSync(join(repository, "package-lock.json"), "utf8")) as {
    packages: Record<string, { dev?: boolean; optional?: boolean }>;
  };
  for (const [path, { dev, optional }] of Object.entries(lock.packages)) {
    if (path === "" || dev === true || optional === true) continue;
    cpSync(join(repository, path), join(root, path), { recursive: true });
  }
}

function git(cwd: string, ...args: string[]): string {
  const identity = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];
  return run("git", ...identity, "-C", cwd, ...args);
}

function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, { cwd: scratch, encoding: "utf8", timeout: 60_000 }).trim();
}
