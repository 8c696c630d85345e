import type { OxlintConfig } from "oxlint";

const viaPort = "is an effect: reach it through a port, effects live in src/adapters.";
const viaClock = "is the clock: take what src/ports/clock.ts offers as an argument.";

/** What follows HTTP_PROXY and its like of whoever started the program, wherever it is called. */
const ambient = ["fetch", "WebSocket", "EventSource"];
const viaHttp = "follows the proxy of the environment: call node:http with an agent of its own.";

const config: OxlintConfig = {
  plugins: ["eslint", "typescript", "unicorn", "oxc", "import", "node", "promise"],
  jsPlugins: ["./lint/plugin.ts"],
  options: { typeAware: true, denyWarnings: true, reportUnusedDisableDirectives: "error" },
  env: { builtin: true, node: true },
  ignorePatterns: ["dist", "tmp", "coverage"],
  categories: { correctness: "error", suspicious: "error" },
  rules: {
    "muster/import-table": "error",
    "muster/writes-on-handles": "error",

    // A promise that nobody waits for outlives its deadline and loses its error.
    "typescript/no-floating-promises": "error",
    "typescript/no-misused-promises": "error",
    "typescript/await-thenable": "error",
    "typescript/return-await": ["error", "error-handling-correctness-only"],
    "typescript/use-unknown-in-catch-callback-variable": "error",
    "typescript/only-throw-error": "error",
    "typescript/prefer-promise-reject-errors": "error",

    // Unions as data: the compiler proves each table and switch complete.
    "typescript/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
    "typescript/no-explicit-any": "error",
    "typescript/no-unsafe-argument": "error",
    "typescript/no-unsafe-assignment": "error",
    "typescript/no-unsafe-call": "error",
    "typescript/no-unsafe-member-access": "error",
    "typescript/no-unsafe-return": "error",
    "typescript/no-non-null-assertion": "error",
    "typescript/ban-ts-comment": "error",

    // Style of DESIGN: function declarations, named exports, kebab-case files, early returns.
    "eslint/func-style": ["error", "declaration", { allowArrowFunctions: true }],
    "import/no-default-export": "error",
    "import/no-cycle": "error",
    "unicorn/filename-case": ["error", { case: "kebabCase" }],
    "typescript/consistent-type-imports": "error",
    "unicorn/prefer-node-protocol": "error",
    "eslint/no-else-return": "error",
    "eslint/eqeqeq": "error",
    "eslint/prefer-const": "error",
    "eslint/no-var": "error",
    "eslint/max-lines": ["error", { max: 250, skipBlankLines: true, skipComments: true }],
    "eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_", ignoreRestSiblings: true }],

    // The compiler's noImplicitReturns knows exhaustive switches; this one does not.
    "typescript/consistent-return": "off",
    // Seen to flag a flag that a listener changes, and lists that are spread to group their lines.
    "eslint/no-unmodified-loop-condition": "off",
    "unicorn/no-useless-spread": "off",
    "eslint/no-shadow": "off",
    "eslint/no-underscore-dangle": "off",
  },
  overrides: [
    {
      files: ["src/**/*.ts"],
      excludeFiles: ["src/adapters/**/*.ts", "src/app/{connect,daemon,terminal}.ts", "src/main.ts"],
      rules: {
        "muster/no-hidden-clock": "error",
        "eslint/no-restricted-globals": [
          "error",
          ...["fetch", "WebSocket", "EventSource", "XMLHttpRequest", "Bun", "console"].map((name) => ({
            name,
            message: `${name} ${viaPort}`,
          })),
          ...["setTimeout", "setInterval", "setImmediate", "performance"].map((name) => ({
            name,
            message: `${name} ${viaClock}`,
          })),
          { name: "process", message: "process is the outside world: src/main.ts reads it, passes it on, and exits." },
        ],
        "eslint/no-restricted-properties": [
          "error",
          { object: "Date", property: "now", message: `Date.now ${viaClock}` },
          { object: "AbortSignal", property: "timeout", message: `AbortSignal.timeout ${viaClock}` },
          { object: "Math", property: "random", message: "Chance is an effect: take a random source as an argument." },
          { object: "globalThis", property: "process", message: "process is the outside world: src/main.ts reads it." },
          { object: "globalThis", property: "fetch", message: `fetch ${viaPort}` },
        ],
      },
    },
    {
      files: ["src/adapters/**/*.ts", "src/app/{connect,daemon,terminal}.ts", "src/main.ts"],
      rules: {
        "muster/own-agent": "error",
        "eslint/no-restricted-globals": ["error", ...ambient.map((name) => ({ name, message: `${name} ${viaHttp}` }))],
      },
    },
    {
      files: ["src/adapters/**/*.ts", "src/app/{connect,daemon,terminal}.ts"],
      rules: {
        "eslint/no-restricted-properties": [
          "error",
          { object: "process", property: "exit", message: "Only src/main.ts exits: throw a MusterError." },
          ...ambient.map((name) => ({ object: "globalThis", property: name, message: `${name} ${viaHttp}` })),
        ],
      },
    },
    {
      // A test may cast what it reads back: a wrong shape fails the test itself.
      files: ["test/**/*.ts", "bench/**/*.ts"],
      rules: { "typescript/no-unsafe-type-assertion": "off" },
    },
    {
      // Tools look for a default export in their configuration and plugins.
      files: ["*.config.ts", "lint/plugin.ts"],
      rules: { "import/no-default-export": "off" },
    },
  ],
};

export default config;
