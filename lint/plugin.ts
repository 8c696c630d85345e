// The rules of this house that no stock rule covers, as a plugin of oxlint.
import { relative, resolve, sep } from "node:path";
import { isGuarded, objectionToName, objectionToOpening } from "./handle-table.ts";
import { objection } from "./import-table.ts";

const root = resolve(import.meta.dirname, "..");

/** The part of oxlint's (ESLint's) interface that is used here; oxlint exports no types for it. */
interface Context {
  readonly filename: string;
  report(problem: { node: Node; message: string }): void;
}
interface Node {
  readonly type: string;
  readonly value?: unknown;
  readonly quasis?: readonly { readonly value: { readonly cooked: string } }[];
}
interface Importing extends Node {
  readonly source: Node | null;
  /** Of an import declaration. */
  readonly specifiers?: readonly Specifier[];
}
interface Specifier extends Node {
  readonly local: { readonly name: string };
  /** Of one name; a string where that is written as one. */
  readonly imported?: { readonly name?: string; readonly value?: string };
}
interface Call extends Node {
  readonly callee: Named & { readonly object?: Named; readonly property?: Named };
  readonly arguments: readonly (Node & { readonly properties?: readonly { readonly key?: Named }[] })[];
}
interface Named extends Node {
  readonly name?: string;
}

/** Every way to name a module: static, type-only, re-export, dynamic, `import("…").Type`, `require`. */
const importTable = {
  create(context: Context) {
    const file = relative(root, context.filename).split(sep).join("/");
    const judge = (node: Node, source: Node | undefined): void => {
      const specifier = literal(source);
      const message = specifier === undefined ? unreadable(file) : objection(file, specifier);
      if (message !== undefined) context.report({ node, message });
    };
    const judgeSource = (node: Importing): void => {
      if (node.source !== null) judge(node, node.source);
    };
    return {
      ImportDeclaration: judgeSource,
      ExportNamedDeclaration: judgeSource,
      ExportAllDeclaration: judgeSource,
      ImportExpression: judgeSource,
      TSImportType: judgeSource,
      CallExpression(node: Call): void {
        if (node.callee.name === "require") judge(node, node.arguments[0]);
      },
    };
  },
};

/** `new Date()` is the clock, `new Date(text)` is arithmetic. */
const noHiddenClock = {
  create(context: Context) {
    return {
      NewExpression(node: Call): void {
        if (node.callee.name !== "Date" || node.arguments.length > 0) return;
        context.report({ node, message: "The time comes from the clock port: take it as an argument." });
      },
    };
  },
};

/** Files are made and changed on handles: see handle-table.ts. */
const writesOnHandles = {
  create(context: Context) {
    const file = relative(root, context.filename).split(sep).join("/");
    const openers = new Set<string>();
    return {
      ImportDeclaration(node: Importing): void {
        if (!isGuarded(file, literal(node.source ?? undefined) ?? "")) return;
        for (const specifier of node.specifiers ?? []) {
          const imported = specifier.imported?.name ?? specifier.imported?.value;
          const message = objectionToName(imported);
          if (message !== undefined) context.report({ node: specifier, message });
          if (imported === "open" || imported === "openSync") openers.add(specifier.local.name);
        }
      },
      ImportExpression(node: Importing): void {
        if (!isGuarded(file, literal(node.source ?? undefined) ?? "")) return;
        context.report({ node, message: objectionToName(undefined) ?? "" });
      },
      CallExpression(node: Call): void {
        if (!openers.has(node.callee.name ?? "")) return;
        const [, how] = node.arguments;
        const message = objectionToOpening(how === undefined ? undefined : (literal(how) ?? how));
        if (message !== undefined) context.report({ node, message });
      },
    };
  },
};

/** The agent that all requests share takes the proxy of the environment where NODE_USE_ENV_PROXY is set, on Bun too. */
const ownAgent = {
  create(context: Context) {
    const requests = new Set<string>();
    return {
      ImportDeclaration({ source, specifiers }: Importing): void {
        if (!/^node:https?$/.test(literal(source ?? undefined) ?? "")) return;
        for (const { imported, local } of specifiers ?? [])
          if (imported === undefined || /^(request|get)$/.test(imported.name ?? "")) requests.add(local.name);
      },
      CallExpression(node: Call): void {
        const name = node.callee.name ?? node.callee.object?.name ?? "";
        if (!requests.has(name) || node.callee.property?.name === "createServer") return;
        const options = node.arguments.at(-1)?.properties ?? [];
        if (options.some(({ key }) => key?.name === "agent")) return;
        context.report({
          node,
          message: "A request without an agent of its own may go through a proxy of the environment: say agent: false.",
        });
      },
    };
  },
};

function literal(node: Node | undefined): string | undefined {
  if (node?.type === "Literal") return typeof node.value === "string" ? node.value : undefined;
  if (node?.type === "TemplateLiteral" && node.quasis?.length === 1) return node.quasis[0]?.value.cooked;
  return undefined;
}

function unreadable(file: string): string | undefined {
  if (!file.startsWith("src/")) return undefined;
  return "A module name that is computed hides what is imported: write it as a plain string.";
}

// oxlint looks for the default export.
export default {
  meta: { name: "muster" },
  rules: {
    "import-table": importTable,
    "no-hidden-clock": noHiddenClock,
    "writes-on-handles": writesOnHandles,
    "own-agent": ownAgent,
  },
};
