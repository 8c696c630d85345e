// Builds dist/muster, one self-contained executable: the same bytes from the same commit, wherever
// the checkout lies. `--outfile=PATH` builds elsewhere (the file's own name is part of the bytes),
// `--as-version=TEXT` as if it were that version.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";

// What goes into the binary: a change anywhere else does not make it `-dirty`.
const inputs = ["src", "package.json", "package-lock.json", "tsconfig.json", "scripts/build.ts"];

const root = resolve(import.meta.dirname, "..");

function main(): void {
  const { values } = parseArgs({
    options: { outfile: { type: "string", default: "dist/muster" }, "as-version": { type: "string" } },
  });
  const outfile = resolve(root, values.outfile);
  const version = values["as-version"] ?? readVersion();
  const commit = readCommit();
  if (!build(outfile, { MUSTER_VERSION: version, MUSTER_COMMIT: commit })) {
    process.exitCode = 1;
    return;
  }
  const megabytes = Math.round(statSync(outfile).size / 1e6);
  console.log(`built ${outfile}: muster ${version} (${commit}), ${megabytes} MB`);
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  if (typeof manifest === "object" && manifest !== null && "version" in manifest) {
    return String(manifest.version);
  }
  throw new Error("package.json has no version");
}

function readCommit(): string {
  try {
    // A source archive that was unpacked inside somebody else's checkout has no commit of its own.
    if (git("rev-parse", "--show-toplevel") !== realpathSync(root)) return "unknown";
    const commit = git("rev-parse", "--short=12", "HEAD");
    return git("status", "--porcelain", "--", ...inputs) === "" ? commit : `${commit}-dirty`;
  } catch {
    return "unknown";
  }
}

function git(...args: string[]): string {
  // safe.directory: root often builds a checkout that belongs to somebody else.
  const command = ["--no-optional-locks", "-c", `safe.directory=${realpathSync(root)}`, ...args];
  return execFileSync("git", command, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
}

/** A process that runs or copies `outfile` meanwhile keeps the old binary, whole. */
function build(outfile: string, constants: Record<string, string>): boolean {
  mkdirSync(dirname(outfile), { recursive: true });
  const workshop = mkdtempSync(join(dirname(outfile), ".build-"));
  try {
    const fresh = join(workshop, basename(outfile));
    if (!compile(fresh, constants)) return false;
    renameSync(fresh, outfile);
    return true;
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

function compile(outfile: string, constants: Record<string, string>): boolean {
  const defines = Object.entries(constants).map(([name, value]) => `--define=${name}=${JSON.stringify(value)}`);
  const flags = [
    "--compile",
    "--target=bun",
    "--format=esm",
    "--splitting",
    "--bytecode",
    "--minify",
    "--keep-names",
    "--sourcemap=linked",
    // The binary runs in directories that are not ours: nothing lying there may configure it.
    "--no-compile-autoload-dotenv",
    "--no-compile-autoload-bunfig",
    // Packages in CommonJS (pino) would have the checkout's own path written into them; none of them reads a file there.
    '--define=__dirname="/muster"',
    '--define=__filename="/muster"',
  ];
  const args = ["build", ...flags, ...defines, "src/main.ts", `--outfile=${outfile}`];
  const bun = spawnSync("bun", args, { cwd: root, stdio: ["ignore", "ignore", "inherit"], env: cleanEnvironment() });
  if (bun.error !== undefined) throw bun.error;
  return bun.status === 0;
}

/** Without what would steer Bun from outside. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("BUN_"));
  return { ...Object.fromEntries(kept), NODE_ENV: "production" };
}

main();
