import { commandForms } from "./secret-commands.ts";
import { looksRandom, type SecretForm } from "./secret-form.ts";
import { tokenForms } from "./secret-tokens.ts";

/** A name that marks its value as a secret, from its first significant word on. */
const word =
  "(?:pass(?:word|wd|phrase|code)|(?<!by|com|tres|sur|over|under)pass(?![a-z])|(?<![a-z])pw(?![a-z])|pwd" +
  "|secret|token|credential|signature|cookie" +
  "|(?:api|access|private|signing|encryption|shared|auth|account|tsig|master|storage)[-_ ]?key)";
/** A location or a name is no secret. */
const harmlessEnd = "(?<!file|path|dir|directory|name|type|kind|ttl|url|count|length|expires|status)";
const name = `${word}[\\w.-]{0,40}${harmlessEnd}`;
const blank = "[ \\t]{0,80}";
/** As YAML, JSON, JSON within JSON, ini files, Puppet and C have it. */
const sign = `(?:\\\\{0,15}["'])?\\]?${blank}(?:=>|:=|[:=])${blank}`;
/** Behind an option of a command line, or before a quote, no sign is needed. */
const named = `(?:(?<=--[\\w-]{0,40})${name}[ \\t]{1,80}|${name}[ \\t]{1,80}(?=\\\\{0,15}["'])|${name}${sign})`;
/** The same, at the beginning of a line of YAML, of a file of variables, or of a diff of one. */
const atLineStart = `^[ \\t]*(?:[+-][ \\t]{0,80})?(?:export[ \\t]{1,80})?[\\w.-]{0,80}?${name}${sign}`;
const toValue = "(?<secret>";

/** Every name of a secret has one of these in it. */
const hint = /pass|pw|secret|token|credential|signature|cookie|key/i;

function keyed(value: string): SecretForm {
  return { kind: "value", form: new RegExp(value, "dgim"), only: isNoPath, hint };
}

/** In the order of matching: the longest and the surest first. */
export const secretForms: readonly SecretForm[] = [
  // The lines of a PuTTY key.
  {
    kind: "private-key",
    form: /\bPrivate-Lines:[ \t]{0,8}\d{1,4}\r?\n(?<secret>(?:[A-Za-z0-9+/=]{1,128}\r?\n?){1,200})/dg,
  },
  {
    kind: "url-login",
    form: /\b[a-z][a-z0-9+.-]{1,20}:\/\/(?<secret>[^\s/?#"'<>]+|[^\s/?#"'<>:@]*:(?!\d+\/)[^\s"'<>]{1,200})@/dgi,
    only: (login) => login !== "git" && login !== "…",
    hint: /:\/\//,
  },
  {
    kind: "authorization",
    only: isNoPath,
    form: /\bauthorization\\*["']?[ \t]*[:=][ \t]*\\*["']?(?<secret>[^\n"'\\]+)/dgi,
  },
  { kind: "authorization", form: /\bbearer[ \t]+(?<secret>[\w.~+/=-]{8,})/dgi },
  { kind: "authorization", form: /\bbasic[ \t]+(?<secret>[A-Za-z0-9+/]{8,}={0,2})/dgi, only: isLogin },
  ...tokenForms,
  ...commandForms,
  {
    kind: "password",
    form: /\bidentified[ \t]+(?:with[ \t]+\S+[ \t]+)?(?:by|as)[ \t]+(?:password[ \t]+)?(?<secret>'[^'\n]*')/dgi,
  },
  // A block of YAML, or of JSON as people indent it, below such a name.
  {
    kind: "block",
    hint,
    form: new RegExp(
      `^(?<indent>[ \\t]*)(?:- )?["']?[\\w.-]{0,80}?${name}["']?${blank}:${blank}(?:[|>][+-]?\\d?|[{[])?[ \\t]?\\r?\\n` +
        "(?<secret>(?:\\k<indent>(?:[ \\t]+|- ).*(?:\\n|$)|[ \\t]*\\n)+)",
      "dgim",
    ),
  },
  keyed(`${named}(?<quote>\\\\{1,15}["'])${toValue}[^\\n]*?)(?:(?<!\\\\)\\k<quote>|$)`),
  keyed(`${named}(?<quote>["'])${toValue}(?:\\\\?''|\\\\.|(?!\\k<quote>)[^\\\\\\n])*)`),
  keyed(`${named}${toValue}\\[[^\\]\\n]*\\]?|\\{[^}\\n]*\\}?)`),
  keyed(`${atLineStart}${toValue}[^\\s"'\\\\[{|>][^\\n]*)`),
  keyed(`${named}${toValue}[^\\s,;&"'\\\\)\\]}[{]+)`),
  // A value of a file that is not valid, as the problem quotes it.
  keyed(`(?:${name}|authorization): expected [^\\n]{0,300}?, found "${toValue}[^"\\n]{1,300})`),
  // Puppet reports the old and the new value of a property.
  { kind: "value", form: new RegExp(`${word}[^\\n]{0,300}?\\bchanged (?<secret>[^\\n]+)`, "dgim"), hint: /\bchanged / },
  {
    kind: "random",
    hint,
    form: /(?:key|secret|token|passw)[^\n]{0,40}?(?<![\w+/=-])(?<secret>[\w+/-]{20,}={0,2})(?![\w+/=-])/dgi,
    // Paths of temporary directories look random, and name the file of a message.
    only: (value) => looksRandom(value) && isNoPath(value),
  },
];

/** The beginning of a block of YAML whose lines are a secret; `indent` stands before it. */
export const blockBegin = new RegExp(
  `^(?<indent>[ \\t]*)(?:- )?["']?[\\w.-]{0,80}?${name}["']?${blank}:${blank}[|>][+-]?\\d?[ \\t]*$`,
  "i",
);

function isNoPath(value: string): boolean {
  return (
    !/^\/(?:etc|home|opt|root|run|srv|tmp|usr|var)\/[\w./-]*$/.test(value) &&
    // Muster's own words about an invalid value.
    !/^(?:true|false|null|none|yes|no|~|expected\b.*)$/i.test(value)
  );
}

/** Basic authentication is a user and a password in base64; other words follow "basic" in prose. */
function isLogin(text: string): boolean {
  try {
    return atob(text).includes(":");
  } catch {
    return false;
  }
}
