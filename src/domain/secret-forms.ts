/**
 * A form in which secrets stand in text. What is masked is the group `secret`, or without one the whole match; with
 * `only`, not what it returns false for.
 */
export type SecretForm = { readonly kind: string; readonly form: RegExp; readonly only?: (found: string) => boolean };

/** A name that says that its value is a secret, from its first telling word on. */
const word =
  "(?:pass(?:word|wd|phrase|code)|(?<![a-z])pass(?![a-z])|pwd|secret|token|credential|signature|cookie" +
  "|(?:api|access|private|signing|encryption|shared|auth|account|tsig)[-_ ]?key)";
/** Where something is, or what it is called, is no secret. */
const harmlessEnd = "(?<!file|path|dir|directory|name|type|kind|ttl|url|count|length|expires|status)";
const name = `${word}[\\w.-]{0,40}${harmlessEnd}`;
const blank = "[ \\t]*";
/** As YAML, JSON, JSON within JSON, ini files, Puppet and C have it. */
const sign = `(?:\\\\*["'])?\\]?${blank}(?:=>|:=|[:=])${blank}`;
/** Behind an option of a command line, or before a quote, no sign is needed. */
const named = `(?:(?<=--[\\w-]{0,40})${name}[ \\t]+|${name}[ \\t]+(?=\\\\*["'])|${name}${sign})`;
/** The same, at the beginning of a line of YAML, of a file of variables, or of a diff of one. */
const atLineStart = `^[ \\t]*(?:[+-][ \\t]*)?(?:export[ \\t]+)?[\\w.-]{0,80}?${name}${sign}`;
const toValue = "(?<secret>";

function keyed(value: string): SecretForm {
  return { kind: "value", form: new RegExp(value, "dgim"), only: isNoPath };
}

/** In the order in which they are looked for: what is longest, and what is surest, first. */
export const secretForms: readonly SecretForm[] = [
  {
    kind: "private-key",
    form: /-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----(?:(?!-----BEGIN )[^])*?-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----/dg,
  },
  // Cut off at its beginning, or at its end.
  {
    kind: "private-key",
    form: /(?<![\w+/=])(?:[A-Za-z0-9+/=]{4,128}(?:\\[rn]|\s){1,4}){0,200}-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----/dg,
  },
  {
    kind: "private-key",
    form: /-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----(?:(?:\\[rn]|\s){1,4}[A-Za-z0-9+/=]{4,128}(?![\w+/=]))*/dg,
  },
  {
    kind: "url-login",
    form: /\b[a-z][a-z0-9+.-]{1,20}:\/\/(?<secret>[^\s/?#"'<>]+|[^\s/?#"'<>:@]*:(?!\d+\/)[^\s"'<>]{1,200})@/dgi,
    only: (login) => login !== "git",
  },
  { kind: "authorization", form: /\bauthorization\\*["']?[ \t]*[:=][ \t]*\\*["']?(?<secret>[^\n"'\\]+)/dgi },
  { kind: "authorization", form: /\bbearer[ \t]+(?<secret>[\w.~+/=-]{8,})/dgi },
  { kind: "aws-access-key", form: /(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])/dg },
  { kind: "aws-session-token", form: /(?:IQoJ|FwoG|FQoG)[A-Za-z0-9+/=]{60,}/dg },
  { kind: "token", form: /\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*/dg },
  { kind: "token", form: /\b(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-)[\w-]{16,}/dg },
  // Key of nsupdate: "-y hmac-sha256:name:secret", "key name secret".
  { kind: "tsig-key", form: /(?<=\s)-y[ \t]+(?:[\w-]+:)?[\w.-]+:(?<secret>\S+)/dg },
  {
    kind: "tsig-key",
    form: /\bkey[ \t]+(?:hmac-[\w-]+:)?[\w.-]+[ \t]+(?<secret>[A-Za-z0-9+/]{8,}={0,2})(?![\w+/=])/dgi,
    only: looksRandom,
  },
  {
    kind: "password",
    form: /\bidentified[ \t]+(?:with[ \t]+\S+[ \t]+)?(?:by|as)[ \t]+(?:password[ \t]+)?(?<secret>'[^'\n]*')/dgi,
  },
  // A block of YAML, or of JSON as people indent it, below such a name.
  {
    kind: "block",
    form: new RegExp(
      `^(?<indent>[ \\t]*)(?:- )?["']?[\\w.-]{0,80}?${name}["']?${blank}:${blank}(?:[|>][+-]?\\d?|[{[])?${blank}\\r?\\n` +
        "(?<secret>(?:\\k<indent>(?:[ \\t]+|- ).*(?:\\n|$)|[ \\t]*\\n)+)",
      "dgim",
    ),
  },
  keyed(`${named}(?<quote>\\\\+["'])${toValue}[^\\n]*?)(?:(?<!\\\\)\\k<quote>|$)`),
  keyed(`${named}(?<quote>["'])${toValue}(?:\\\\?''|\\\\.|(?!\\k<quote>)[^\\\\\\n])*)`),
  keyed(`${named}${toValue}\\[[^\\]\\n]*\\]|\\{[^}\\n]*\\})`),
  keyed(`${atLineStart}${toValue}[^\\s"'\\\\[{|>][^\\n]*)`),
  keyed(`${named}${toValue}[^\\s,;&"'\\\\)\\]}[{]+)`),
  // Puppet tells what a property was and what it is.
  { kind: "value", form: new RegExp(`${word}[^\\n]{0,300}?\\bchanged (?<secret>[^\\n]*? to [^\\n]*)`, "dgim") },
  {
    kind: "random",
    form: /(?:key|secret|token|passw)[^\n]{0,40}?(?<![\w+/=-])(?<secret>[\w+/-]{20,}={0,2})(?![\w+/=-])/dgi,
    only: looksRandom,
  },
];

/** A journal's and git's digests are lower-case hex. */
function looksRandom(text: string): boolean {
  return text.length >= 16 && [/[a-z]/, /[A-Z]/, /\d/].every((kind) => kind.test(text));
}

function isNoPath(value: string): boolean {
  return (
    !/^\/(?:etc|home|opt|root|run|srv|tmp|usr|var)\/[\w./-]*$/.test(value) &&
    !/^(?:true|false|null|none|yes|no|~)$/i.test(value)
  );
}
