// A new engine, kind of check, cloud or package manager does not compile until each table has it. A copy of the sources gets
// one more of each, and the compiler says what is incomplete. It sees the tables and the types that they are of, and no
// package: what it says of those that it does not find does not count.
import { spawnSync } from "node:child_process";
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../../..");
const folder = mkdtempSync(join(tmpdir(), "muster-tables-"));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** One more member of each union, as the person who begins with it writes it. */
const members = [
  {
    file: "src/domain/role/role.ts",
    before: "type Steps = {",
    after: "type Steps = {\n  readonly carpenter: { readonly plan: string };",
  },
  {
    file: "src/domain/health/check.ts",
    before: "type Targets = {",
    after: "type Targets = {\n  readonly ping: { readonly host: string };",
  },
  { file: "src/domain/instance/instance.ts", before: '["aws", "local"]', after: '["aws", "local", "moon"]' },
  { file: "src/app/package-managers.ts", before: '"apt" | "dnf"', after: '"apt" | "dnf" | "parcel"' },
] as const;

const seen = [
  "src/domain/**/*.ts",
  "src/ports/*.ts",
  "src/settings/*.ts",
  "src/stages/config/*.ts",
  "src/stages/converge/*.ts",
  "src/adapters/host/prober/*.ts",
  "src/app/{clouds,engines,package-managers}.ts",
];

const options = {
  strict: true,
  noEmit: true,
  noResolve: true,
  target: "esnext",
  lib: ["esnext"],
  module: "preserve",
  types: [],
  allowImportingTsExtensions: true,
};

/** `file member`, once for each table that lacks a member. */
function incomplete(): readonly string[] {
  const tsc = join(root, "node_modules/.bin/tsc");
  const { stdout } = spawnSync(tsc, ["--pretty", "false", "-p", "."], {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 1e8,
  });
  const found = stdout.matchAll(/^(\S+?)\(\d+,\d+\): error TS2741: Property '(\w+)' is missing/gm);
  return [...found].map(([, file = "", member = ""]) => `${file} ${member}`).toSorted();
}

test("one more member of each union, and every table lacks it", () => {
  const files = globSync(seen, { cwd: root });
  for (const file of files) cpSync(join(root, file), join(folder, file));
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files }));
  for (const { file, before, after } of members) {
    const text = readFileSync(join(folder, file), "utf8");
    expect(text).toContain(before);
    writeFileSync(join(folder, file), text.replace(before, after));
  }
  expect(incomplete()).toEqual([
    "src/adapters/host/prober/kinds.ts ping",
    "src/app/clouds.ts moon",
    "src/app/engines.ts carpenter",
    "src/app/package-managers.ts parcel",
    "src/domain/role/engines.ts carpenter",
    "src/domain/settings/clouds.ts moon",
    "src/settings/catalogue-schema.ts carpenter",
    "src/settings/check-schema.ts ping",
    "src/settings/check-schema.ts ping",
  ]);
});
