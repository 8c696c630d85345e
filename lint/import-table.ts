// Who may import what: the one table. lint/plugin.ts enforces it, ARCHITECTURE.md explains it, and
// test/unit/lint/import-table.test.ts plants every forbidden pair.
import { isBuiltin } from "node:module";
import { dirname, join } from "node:path/posix";

export interface Layer {
  /** `src/stages/*` makes every folder in `src/stages` a layer of its own; a `.ts` path is a single file. */
  readonly path: string;
  /** What of `src` it may import, in the same notation, besides its own files. */
  readonly own: readonly string[];
  /** Which packages and `node:` modules it may import. */
  readonly packages: readonly string[] | "any";
}

/** Node's modules that only compute. All others touch the world, the time or other threads. */
const pure = [
  "node:async_hooks",
  "node:buffer",
  "node:crypto",
  "node:events",
  "node:path",
  "node:path/posix",
  "node:url",
  "node:util",
];

export const layers: readonly Layer[] = [
  { path: "src/domain", own: [], packages: [] },
  { path: "src/lib", own: [], packages: [] },
  { path: "src/error-pages", own: ["src/domain"], packages: [] },
  { path: "src/views", own: ["src/domain"], packages: pure },
  { path: "src/ports", own: ["src/domain"], packages: [] },
  { path: "src/settings", own: ["src/domain"], packages: [...pure, "yaml", "zod"] },
  { path: "src/stages/*", own: ["src/domain", "src/lib", "src/ports"], packages: [...pure, "zod"] },
  { path: "src/membership", own: ["src/domain", "src/lib", "src/ports"], packages: [...pure, "zod"] },
  { path: "src/scaling-group", own: ["src/domain", "src/lib", "src/ports"], packages: [...pure, "zod"] },
  {
    path: "src/run",
    own: ["src/domain", "src/lib", "src/ports", "src/stages/*", "src/membership", "src/scaling-group"],
    packages: [...pure, "zod"],
  },
  {
    path: "src/daemon",
    own: ["src/domain", "src/lib", "src/ports", "src/run", "src/membership", "src/scaling-group"],
    packages: [...pure, "zod"],
  },
  {
    path: "src/cli",
    own: [
      "src/domain",
      "src/error-pages",
      "src/settings",
      "src/views",
      "src/ports/agent.ts",
      "src/ports/pauses.ts",
      "src/ports/tag-store.ts",
    ],
    packages: [...pure, "commander", "get-east-asian-width"],
  },
  {
    path: "src/queries",
    own: ["src/domain", "src/lib", "src/ports", "src/settings", "src/views", "src/membership", "src/run"],
    packages: pure,
  },
  { path: "src/adapters/host", own: ["src/domain", "src/lib", "src/ports"], packages: "any" },
  { path: "src/adapters/*", own: ["src/domain", "src/lib", "src/ports", "src/adapters/host"], packages: "any" },
  {
    path: "src/app/assembly",
    own: ["src/domain", "src/ports", "src/settings", "src/membership", "src/scaling-group", "src/run", "src/daemon"],
    packages: [],
  },
  {
    path: "src/app",
    own: [
      "src/domain",
      "src/lib",
      "src/ports",
      "src/settings",
      "src/views",
      "src/membership",
      "src/scaling-group",
      "src/run",
      "src/daemon",
      "src/queries",
      "src/cli",
      "src/adapters/host",
      "src/adapters/*",
    ],
    packages: ["node:tty"],
  },
  { path: "src/main.ts", own: ["src"], packages: "any" },
];

/**
 * Says why the table forbids an import, and what to do instead.
 * @param file the importing file, relative to the repository, with `/`
 * @param specifier the module as written in the import
 * @returns undefined where the import is allowed
 */
export function objection(file: string, specifier: string): string | undefined {
  if (!file.startsWith("src/")) return undefined;
  const layer = layers.find(({ path }) => holds(path, file));
  if (layer === undefined) {
    return `${file} belongs to no layer: move it into one, or add its folder to lint/import-table.ts.`;
  }
  return isRelative(specifier)
    ? objectionToOwn(layer, file, join(dirname(file), specifier))
    : objectionToPackage(layer, specifier);
}

function objectionToOwn(layer: Layer, file: string, target: string): string | undefined {
  if (folderOf(layer.path, file) === folderOf(layer.path, target)) return undefined;
  if (layer.own.some((path) => holds(path, target))) return undefined;
  const allowed = layer.own.length === 0 ? "nothing outside itself" : layer.own.join(", ");
  return (
    `${layer.path} may import ${allowed}, and ${target} is not among it: ` +
    "take it as an argument through a port or a domain type, and let src/main.ts wire it."
  );
}

function objectionToPackage(layer: Layer, specifier: string): string | undefined {
  const name = packageOf(specifier);
  if (layer.packages === "any" || layer.packages.includes(name)) return undefined;
  if (isBuiltin(name) || name.startsWith("bun:") || name === "bun") {
    return `${layer.path} may not import ${name}: effects live in src/adapters, so describe this one in src/ports and call the port.`;
  }
  return `${layer.path} may not import the package ${name}: wrap it in an adapter behind a port, or add it to lint/import-table.ts with a reason.`;
}

function isRelative(specifier: string): boolean {
  return specifier.startsWith(".") || specifier.startsWith("/");
}

/** `fs` is `node:fs`; `@scope/name/file` and `name/file` are their packages. */
function packageOf(specifier: string): string {
  if (specifier.includes(":")) return specifier;
  if (isBuiltin(specifier)) return `node:${specifier}`;
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

function holds(path: string, file: string): boolean {
  return folderOf(path, file) !== undefined;
}

/** The part of `file` that `path` names (`src/stages/*` names `src/stages/patch` of a file in it). */
function folderOf(path: string, file: string): string | undefined {
  const names = path.split("/");
  const parts = file.split("/");
  const matches = names.every((name, at) => (name === "*" ? parts.length > names.length : name === parts[at]));
  return matches ? parts.slice(0, names.length).join("/") : undefined;
}
