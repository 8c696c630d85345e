import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createLineRedactor } from "../../../../src/domain/redact/redact-lines.ts";
import { createRedactor, redact, redactAll } from "../../../../src/domain/redact/redact.ts";
import { places } from "../secret-places.ts";

function redacted(text: string, known: readonly string[] = []): string {
  return createRedactor(known).redact(text).text;
}

describe("a secret in a form that secrets have", () => {
  const letter = fc.constantFrom(..."abcdefghijkmnopqrtuvwxyzABCDEFGHIJKLMNOPQRTUVWXYZ0123456789+/".split(""));
  // Letters that no place has around it: what is left of it would be seen.
  const secret = fc.string({ unit: letter, minLength: 6, maxLength: 40 }).map((text) => `Zq${text}`);

  test.each(Object.entries(places))("%s", (_name, place) => {
    expect(place).toContain("§");
    fc.assert(
      fc.property(secret, (any) => {
        // Where a URL has no colon, a slash ends the place of a login.
        const word = /\/\/§@|§\/|\/§/.test(place) ? any.replaceAll(/[/+]/g, "_") : any;
        const text = place.replaceAll("§", word);
        expect(redacted(text)).not.toContain(word);
      }),
      { numRuns: 50 },
    );
  });

  test("values with quotes, backslashes and blanks, as the languages write them", () => {
    const value = fc.string({ unit: fc.constantFrom(..."aZ9 '\"\\:,]}#".split("")), minLength: 4, maxLength: 20 });
    fc.assert(
      fc.property(value, (inner) => {
        const word = `Zq7x${inner}x7qZ`;
        const texts = [
          JSON.stringify({ password: word, host: "a" }),
          JSON.stringify({ line: JSON.stringify({ password: word }) }),
          JSON.stringify({ a: JSON.stringify({ line: JSON.stringify({ token: word }) }) }),
          `password: '${word.replaceAll("'", "''")}'\nhost: a`,
          `password: ${JSON.stringify(word)}\nhost: a`,
        ];
        for (const text of texts) {
          const { text: clean } = createRedactor([]).redact(text);
          expect(clean, text).not.toContain("Zq7x");
          expect(clean, text).not.toContain("x7qZ");
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("a secret that is known", () => {
  test("is found wherever it stands, in JSON, URLs and base64 too", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 30 });
    const secret = fc.string({ unit: "grapheme-ascii", minLength: 6, maxLength: 30 });
    fc.assert(
      fc.property(text, secret, text, (before, word, after) => {
        for (const form of [word, JSON.stringify(word).slice(1, -1), encodeURIComponent(word), btoa(word)]) {
          const clean = redacted(before + form + after, [word]);
          if (!`${before}[masked known-secret 1]${after}`.includes(form)) expect(clean).not.toContain(form);
        }
      }),
    );
  });

  test("is masked by the same number each time, and others by others", () => {
    const redactor = createRedactor(["s3cret-one", "s3cret-two"]);
    expect(redactor.redact("s3cret-one s3cret-two s3cret-one").text).toBe(
      "[masked known-secret 1] [masked known-secret 2] [masked known-secret 1]",
    );
    expect(redactor.redact("a s3cret-two")).toEqual({
      text: "a [masked known-secret 2]",
      masked: { "known-secret": 1 },
    });
  });
});

describe("a token that is known by how it begins", () => {
  const rest = fc.string({
    unit: fc.constantFrom(..."abcdefghijXYZ0123456789".split("")),
    minLength: 36,
    maxLength: 36,
  });

  test.each([
    ..."sk_live_ sk_test_ rk_live_ whsec_ AIza hvs. hvb. ghp_ gho_ github_pat_ glpat- xoxb- xapp-".split(" "),
    ..."npm_ pypi- ya29. GOCSPX- glsa_ hf_ dckr_pat_ sk-proj-1 sk-ant-api03-".split(" "),
  ])("%s", (beginning) => {
    fc.assert(
      fc.property(rest, fc.constantFrom("", "'", '"', "=", "(", "> "), (any, before) => {
        expect(redact(`a ${before}${beginning}${any}`)).not.toContain(any);
      }),
      { numRuns: 20 },
    );
  });

  test("keys of AWS, and a login in base64", () => {
    expect(redact("for AKIAIOSFODNN7EXAMPLE now")).toBe("for [masked aws-access-key] now");
    expect(redact(`sent Basic ${btoa("admin:Zq-secret")}`)).toBe("sent Basic [masked authorization]");
    expect(redact("basic authentication, basic configuration")).toBe("basic authentication, basic configuration");
  });
});

test("the password alone is masked in a command line, so that what ran can still be read", () => {
  expect(redact("curl -sS -u admin:hunter2 https://a/b")).toBe("curl -sS -u admin:[masked password] https://a/b");
  expect(redact("mysql -h db -uroot -phunter2 app")).toBe("mysql -h db -uroot -p[masked password] app");
  expect(redact("docker run -u 1000:1000 -p 80:80 nginx")).toBe("docker run -u 1000:1000 -p 80:80 nginx");
});

test("every text of a value is redacted, and nothing else of it changes", () => {
  const value = { type: "notice", text: "dbPass: hunter2", list: ["token=hunter2", 3, null, true], at: { n: 1 } };
  expect(redactAll(value)).toEqual({
    type: "notice",
    text: "dbPass: [masked value]",
    list: ["token=[masked value]", 3, null, true],
    at: { n: 1 },
  });
});

test("line by line, a private key and a block of YAML are masked to their end", () => {
  const redactLine = createLineRedactor();
  const lines = [
    "begin",
    "-----BEGIN OPENSSH PRIVATE KEY-----",
    "b3BlbnNzaC1rZXktdjEAAAAA",
    "AAAAB3NzaC1yc2E=",
    "-----END OPENSSH PRIVATE KEY-----",
    "after: b3BlbnNzaC1",
    "db:",
    "  password: |",
    "    hunter2",
    "    hunter3",
    "  host: a",
  ];
  const told = lines.map(redactLine);
  expect(told.join("\n")).not.toMatch(/b3BlbnNzaC1rZX|AAAAB3|hunter/);
  expect([told[0], told[5], told[6], told[10]]).toEqual(["begin", "after: b3BlbnNzaC1", "db:", "  host: a"]);
  // A key that was cut off does not mask what follows it.
  const cut = createLineRedactor();
  expect(["-----BEGIN PRIVATE KEY-----", "AAAAB3NzaC1yc2E", "exit status 1"].map(cut)[2]).toBe("exit status 1");
});

test("what was redacted stays as it is when it is redacted again", () => {
  for (const place of Object.values(places)) {
    const once = redacted(place.replaceAll(/§+/g, "Zq1bcdEFGH"));
    expect(redacted(once)).toBe(once);
  }
});

test("what is no secret stays readable", () => {
  const texts = [
    "credentials: /etc/muster/git-credentials",
    "key: /etc/muster/tsig.key",
    "keyFile: /etc/muster/id_ed25519",
    '{"v":1,"kind":"step-started","stage":"config","key":"0f343b0931126a20f133d67c2b018a3b"}',
    '"commit":"0123456789abcdef0123456789abcdef01234567"',
    "ssh://git@git.example.com/ops/config.git",
    "https://git.example.com/ops/config.git",
    "The metadata service refused the token request with 403 (imds-disabled)",
    "tags: { prefix: 'muster:', trust: [role, environment, ref] }",
    "Notice: /Stage[main]/Main/File[/etc/motd]/content: content changed '{sha256}aa' to '{sha256}bb'",
    "4 of 4 checks passed: http, tcp",
    "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQk\n-----END CERTIFICATE-----",
    "i-0a1b2c3d4e5f60718 at 10.0.0.7 in eu-central-1a, request 1b2c3d4e-aaaa-bbbb-cccc-0123456789ab",
  ];
  for (const text of texts) expect(redacted(text)).toBe(text);
});

describe("a text that was made to take long", () => {
  /** Pieces of every form, which repeated make a form that is not linear look at everything from everywhere. */
  const pieces = fc.constantFrom(
    ..."x|A1b|password|pass|\\|\"|'| |\t|\n|://|=|:|key |-u |-p|mysql |[|{|changed |to |eyJ|eyJ-|.|@|$6$|a|key=|?|&".split(
      "|",
    ),
    ...["-----BEGIN PRIVATE KEY-----\n", "-----END PRIVATE KEY-----", "identified by '", "authorization: ", "hooks/"],
    ...["https://", "basic ", "bearer ", " | chpasswd", "htpasswd -b ", "AAAAAAAAAAAAAAAAAAAAAAAA", "sk-", "SG."],
  );

  test("costs no more than its length", () => {
    const unit = fc.array(pieces, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(""));
    const before = fc.array(pieces, { maxLength: 3 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(before, unit, (head, each) => {
        const text = head + each.repeat(60_000 / each.length);
        const begun = performance.now();
        redact(text);
        // Measured: 40 ms at most, alone. What looks at everything from everywhere takes minutes.
        expect(performance.now() - begun).toBeLessThan(4_000);
      }),
      { numRuns: 200 },
    );
  }, 60_000);
});
