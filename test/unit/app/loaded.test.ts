// What a command loads, by the imports of its files: `muster status` is asked all day and starts within milliseconds.
import { readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { parseSync } from "oxc-parser";
import { expect, test } from "vitest";

const repository = resolve(import.meta.dirname, "../../..");

/** Files and packages that are loaded with these files, through imports that are neither dynamic nor of types alone. */
function loadedWith(...files: readonly string[]): ReadonlySet<string> {
  const loaded = new Set<string>();
  const left = files.map((file) => join(repository, file));
  for (let file = left.pop(); file !== undefined; file = left.pop()) {
    const name = relative(repository, file);
    if (loaded.has(name)) continue;
    loaded.add(name);
    const { module } = parseSync(file, readFileSync(file, "utf8"));
    const imports = module.staticImports
      .filter(({ entries }) => entries.length === 0 || entries.some(({ isType }) => !isType))
      .map(({ moduleRequest }) => moduleRequest.value);
    const exports = module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest, isType }) => (isType ? [] : (moduleRequest?.value ?? []))),
    );
    for (const specifier of [...imports, ...exports]) {
      if (specifier.startsWith(".")) left.push(resolve(file, "..", specifier));
      else loaded.add(specifier);
    }
  }
  return loaded;
}

const heavy =
  /^(zod|yaml|pino|node-cron|prom-client|execa|simple-git|@aws-sdk\/.*|src\/adapters\/(git|puppet|aws|local)\/.*)$/;

test("muster status loads neither git, Puppet, zod nor the AWS SDK", () => {
  const loaded = loadedWith(
    "src/main.ts",
    "src/cli/commands/status.ts",
    "src/queries/status.ts",
    "src/app/machine-view.ts",
  );
  expect(loaded.size).toBeGreaterThan(30);
  expect([...loaded].filter((name) => heavy.test(name))).toEqual([]);
});

test("muster status --wait does not either", () => {
  const loaded = loadedWith("src/main.ts", "src/app/reach.ts", "src/cli/commands/wait.ts");
  expect([...loaded].filter((name) => heavy.test(name))).toEqual([]);
});

test("the agent loads only the adapters of its machine's cloud and package manager", () => {
  const loaded = loadedWith("src/app/connect.ts");
  expect(loaded).toContain("src/adapters/git/config-repo.ts");
  expect([...loaded].filter((name) => /adapters\/(aws|local|apt|dnf)\//.test(name))).toEqual([]);
});
