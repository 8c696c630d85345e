import * as fc from "fast-check";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { select } from "../../../src/domain/role/selection.ts";
import { InvalidFileError } from "../../../src/domain/settings/problem.ts";
import { MusterError } from "../../../src/domain/errors/errors.ts";
import { isPlainName, isRefName } from "../../../src/domain/role/names.ts";
import { readCatalogue } from "../../../src/settings/catalogue.ts";
import { parseInstanceFile } from "../../../src/settings/instance-file.ts";
import { parseSettings } from "../../../src/settings/settings.ts";
import { tries } from "../cli/hostile.ts";

const file = "/etc/muster/some.yaml";

const readers: readonly [string, (text: string) => unknown][] = [
  ["settings", (text) => parseSettings([{ file, text }])],
  [
    "a layer of the settings",
    (text) =>
      parseSettings([
        { file: "/etc/muster/muster.yaml", text: settings },
        { file, text },
      ]),
  ],
  ["the catalogue", (text) => readCatalogue(text, file)],
  ["the instance file", (text) => parseInstanceFile(text, file)],
];

const settings = `cloud: local
config:
  url: https://git.example.com/ops/config.git
  ref: main
  refs: [main, "release/*"]
  ssh: { key: /etc/muster/key }
tags: { prefix: "muster:", trust: [role, environment, ref] }
onFailure: hold
retry: { held: { first: 30s, max: 10m } }
local:
  haproxy: { socket: "10.0.0.4:9999" }
  dns: { server: 10.0.0.5, port: 53, key: /etc/muster/tsig.key }
`;

const catalogue = `version: 1
roles:
  web: &web
    patch: { scope: security, reboot: when-required }
    converge:
      - puppet: { manifest: manifests/site.pp, modules: [site, modules], hiera: hiera.yaml }
    health:
      system:  [{ disk: { path: /, free: 10% } }]
      service: [{ unit: nginx.service }, { tcp: 80 }, { command: [/bin/true] }]
      smoke:   [{ http: { url: "http://127.0.0.1/", status: 200, contains: welcome } }]
    register:
      - { targetGroup: "web-{environment}", port: 80 }
    dns:
      - { zone: example.internal, name: "{role}-{instance.id}", type: A, ttl: 30 }
    schedule: { converge: "*/30 * * * *" }
  other: *web
`;

const instance = `id: i-0a1b2c3d4e5f60718
zone: local-a
addresses: [10.0.0.7, "fd00::7"]
tags: { "muster:role": web, "muster:environment": dev }
`;

/** Valid, or one error whose every problem has a place that is in the text. */
function expectValueOrClearError(read: (text: string) => unknown, text: string): void {
  try {
    read(text);
  } catch (error) {
    if (!(error instanceof InvalidFileError)) throw error;
    expect(error.problems.length).toBeGreaterThan(0);
    const lines = text.split("\n");
    for (const problem of error.problems) {
      expect(problem.message).toMatch(/^[^\p{Cc}]*(expected|unknown key) [^\p{Cc}]+$/u);
      if (problem.file !== file) continue;
      expect(problem.line).toBeGreaterThanOrEqual(1);
      expect(problem.line).toBeLessThanOrEqual(lines.length);
      expect(problem.column).toBeGreaterThanOrEqual(1);
      expect(problem.column).toBeLessThanOrEqual((lines[problem.line - 1] ?? "").length + 1);
    }
  }
}

function decoded(bytes: Uint8Array): string {
  return new TextDecoder("utf-8").decode(bytes);
}

const fragments = fc.constantFrom(
  ...[
    ": ",
    "- ",
    "\n",
    "\n  ",
    "\t",
    "{",
    "}",
    "[",
    "]",
    "*web",
    "&a ",
    "!!str ",
    "!x ",
    "<<: *web",
    "? ",
    "|\n",
    ">-\n",
    "'",
    '"',
  ],
  ...[
    "\\u0000",
    "#",
    "%YAML 1.1\n---\n",
    "---\n",
    "...\n",
    "__proto__: ",
    "constructor: ",
    "~",
    "null",
    "yes",
    ".inf",
    ".nan",
    "0x50",
  ],
  ...["1e400", "-1", "99999999999999999999", "{role}", "{", "\u2028", "\uFEFF", "\0", "\uFFFD", "$1", "%s", "..", "\r"],
);

/** A valid document that somebody's cat walked over. */
function mutated(text: string): fc.Arbitrary<string> {
  const edit = fc.record({
    at: fc.nat(text.length),
    cut: fc.nat(12),
    put: fc.oneof(fragments, fc.string({ maxLength: 6 })),
  });
  return fc
    .array(edit, { minLength: 1, maxLength: 4 })
    .map((edits) =>
      edits.reduce((before, { at, cut, put }) => before.slice(0, at) + put + before.slice(at + cut), text),
    );
}

/** YAML of any shape that uses the words of the real files, so that it gets past the first look. */
function shaped(text: string): fc.Arbitrary<string> {
  const word = fc.constantFrom(...new Set(text.match(/[A-Za-z][\w.]*/g)));
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 6, withCrossShrink: true },
      word,
      fc.oneof(fc.integer(), fc.double(), fc.boolean(), fc.constant(null), fc.string({ unit: "binary" })),
      fc.dictionary(fc.oneof({ weight: 8, arbitrary: word }, { weight: 1, arbitrary: fc.string() }), tie("value"), {
        maxKeys: 5,
      }),
      fc.array(tie("value"), { maxLength: 4 }),
    ),
  }));
  return value.map((each) => stringify(each));
}

test.each(readers)("%s: any bytes are a value or a clear error", (_what, read) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => expectValueOrClearError(read, decoded(bytes))),
    tries(250),
  );
});

test.each(readers)("%s: any text of YAML's own marks is a value or a clear error", (_what, read) => {
  const text = fc.array(fragments, { maxLength: 40 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, (each) => expectValueOrClearError(read, each)),
    tries(250),
  );
});

test.each(readers)("%s: a document with a few mistakes is a value or a clear error", (_what, read) => {
  const text = fc.oneof(mutated(settings), mutated(catalogue), mutated(instance));
  fc.assert(
    fc.property(text, (each) => expectValueOrClearError(read, each)),
    tries(600),
  );
});

test.each(readers)("%s: a document of another shape is a value or a clear error", (_what, read) => {
  const text = fc.oneof(shaped(settings), shaped(catalogue), shaped(instance));
  fc.assert(
    fc.property(text, (each) => expectValueOrClearError(read, each)),
    tries(250),
  );
});

test("tags: whatever they hold, the selection is safe to use, or there is one clear error", () => {
  const { settings: trusting } = parseSettings([{ file, text: settings }]);
  const key = fc.oneof(
    fc.constantFrom(
      "muster:role",
      "muster:environment",
      "muster:ref",
      "muster:state",
      "muster:repo",
      "muster:",
      "muster:Role",
      "__proto__",
    ),
    fc.string({ unit: "binary" }).map((text) => `muster:${text}`),
    fc.string({ unit: "binary" }),
  );
  const value = fc.oneof(
    fc.constantFrom(
      "web",
      "dev",
      "release/7",
      "../../etc",
      "-x",
      "a\nb",
      "a\0b",
      "",
      "$(id)",
      "main..evil",
      "a".repeat(300),
      "\u202Eweb",
    ),
    fc.string({ unit: "binary", maxLength: 300 }),
  );
  fc.assert(
    fc.property(fc.dictionary(key, value, { noNullPrototype: true }), (tags) => {
      const identity = {
        instance: {
          id: "i-1",
          cloud: "local",
          account: "local",
          region: "local",
          zone: "local-a",
          addresses: { ipv4: [], ipv6: [] },
          hostname: "a",
        },
        tags,
      } as const;
      try {
        const { role, environment, ref, refused } = select(trusting, identity, {});
        expect([isPlainName(role.value), isPlainName(environment.value), isRefName(ref.value)]).toEqual([
          true,
          true,
          true,
        ]);
        for (const { key, why } of refused) expect(key + why).not.toMatch(/\p{Cc}/u);
      } catch (error) {
        expect(error).toBeInstanceOf(MusterError);
        expect(["role-missing", "tag-malformed"]).toContain((error as MusterError).code);
        expect((error as Error).message).not.toMatch(/\p{Cc}/u);
      }
    }),
    tries(1000),
  );
});
