// No prose steers code: what decides is a field. Texts for people are compared with nothing and looked into nowhere.
// Adapters may: they read what other programs say.
import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";

const repository = resolve(import.meta.dirname, "../../..");

/** What events, errors, wishes and notices call a text for people. */
const prose = String.raw`(?:\w+\??\.)*(?:(?<=[\w?)\]]\.)text|\b(?:message|reason|hint|summary|note|brief))\b`;
const literal = String.raw`(?:"[^"]+"|'[^']+'|${"`"}[^${"`"}]+${"`"})`;

const forms: readonly { readonly what: string; readonly pattern: RegExp; readonly planted: readonly string[] }[] = [
  {
    what: "a sentence that is compared",
    pattern: new RegExp(String.raw`${prose} [!=]== ${literal}|${literal} [!=]== ${prose}`),
    planted: [
      'if (wish.reason === "joining: the gates come first") return undefined;',
      'return "joined" !== reason;',
      "if (error.message === `held at ${stage}`) return;",
    ],
  },
  {
    what: "a text that is compared with another one",
    pattern: new RegExp(
      String.raw`\.(?:text|message|reason|hint|summary|note|brief) [!=]== (?!undefined|detached|null|"")`,
    ),
    planted: ["if (deps.status.current().reason === text) return;", "if (wish.reason !== before.reason) return;"],
  },
  {
    what: "a text that is looked into",
    pattern: new RegExp(String.raw`${prose}\??\.(?:startsWith|endsWith|includes|match|matchAll|search|indexOf)\(`),
    planted: ['const at = status.reason.indexOf(":");', 'if (event.text?.startsWith("waiting for")) return true;'],
  },
  {
    what: "a pattern that is tried on a text",
    pattern: new RegExp(String.raw`\.(?:test|exec)\(${prose}\)|switch \(${prose}\)`),
    planted: ["const [, stage] = /^held at (\\w+)/.exec(status.reason) ?? [];", "return /^imds/.test(message);"],
  },
  {
    what: "a text that is cut by its words",
    pattern: new RegExp(String.raw`${prose}\.(?:replace|replaceAll|split)\((?:/\^|"[^"\\]*\w{3})`),
    planted: ['const said = situation.error.message.replace(/^The balancer does not say healthy: /, "");'],
  },
  {
    what: "a family of codes that is told by its beginning",
    pattern: /\bcode\??\.(?:startsWith|endsWith|includes|match|search)\(|\.(?:test|exec)\((?:\w+\.)*code\)/,
    planted: ['if (error.code.startsWith("aws-")) return true;', "return /^imds-/.test(code);"],
  },
];

const files = globSync("src/**/*.ts", { cwd: repository }).filter((file) => !file.startsWith("src/adapters/"));

test.each(forms)("there is not $what", ({ pattern }) => {
  expect(files.length).toBeGreaterThan(200);
  const found = files.flatMap((file) =>
    readFileSync(resolve(repository, file), "utf8")
      .split("\n")
      .flatMap((line, at) => (pattern.test(line) ? [`${file}:${at + 1}: ${line.trim()}`] : [])),
  );
  expect(found).toEqual([]);
});

test.each(forms.flatMap(({ pattern, planted }) => planted.map((line) => ({ line, pattern }))))(
  "planted, it is found: $line",
  ({ line, pattern }) => {
    expect(pattern.test(line)).toBe(true);
  },
);

test.each(['if (hint !== "") io.err(hint);', 'return "";', "const { message, quoted = message } = situation.error;"])(
  "no false alarm: %s",
  (line) => {
    expect(forms.filter(({ pattern }) => pattern.test(line))).toEqual([]);
  },
);
