import { looksRandom, type SecretForm } from "./secret-form.ts";

const quote = String.raw`\\{0,15}["']`;
/** Between an option and its value: nothing, blanks, `=`, or the members of a list of arguments. */
const apart = `(?:${quote},[ \\t]{0,8}${quote}|[ \\t=]{1,8})`;

/** Programs whose short options take a password. The first option behind the program's name is looked for. */
const shortOptions: readonly (readonly [programs: string, option: string])[] = [
  ["(?:mysql|mariadb)[\\w-]{0,20}", "-p"],
  ["sshpass", `-p${apart}?`],
  ["(?:docker|podman|helm|oc|az|buildah|skopeo)\\b[^\\n|;&]{0,80}?\\blogin", `-p${apart}?`],
  ["mongo(?:sh|dump|restore|export|import)?", `-p${apart}`],
  ["redis-cli", `-a${apart}`],
  ["ldap(?:search|add|modify|delete|passwd|whoami|compare)", `-w${apart}?`],
  ["(?:ipmitool|sqlcmd|bcp|isql)", `-P${apart}?`],
  ["(?:un)?zip", `-P${apart}`],
  ["7za?", "-p"],
  ["openssl", `-(?:k|K)${apart}`],
];

const shortHint = /(?:mysql|mariadb|sshpass|login|mongo|redis-cli|ldap|ipmitool|sqlcmd|bcp|isql|zip|7z|openssl)/;

function shortOption([programs, option]: (typeof shortOptions)[number]): SecretForm {
  const form = new RegExp(
    `(?<![\\w-])${programs}(?=[ \\t"'\\\\])[^\\n|;&]{0,300}?[ \\t"']${option}(?<secret>[^\\s"',\\\\]+)`,
    "dg",
  );
  return { kind: "password", form, hint: shortHint };
}

const userHint = /-[uU]|--(?:proxy-)?user/;
const userOption = `(?<![\\w-])(?:-[uU]|--(?:proxy-)?user)(?:${apart}|(?<=-[uU]))`;

/** Passwords in command lines that stand there without a name. */
export const commandForms: readonly SecretForm[] = [
  // curl -u USER:PASSWORD, smbclient -U USER%PASSWORD; not the user and group of docker run -u 1000:1000.
  {
    kind: "password",
    hint: userHint,
    form: new RegExp(`${userOption}(?<q>${quote})[^\\s"':%\\\\]{0,64}[:%](?<secret>(?:(?!\\k<q>)[^\\n])+)`, "dg"),
  },
  {
    kind: "password",
    hint: userHint,
    form: new RegExp(
      `${userOption}(?:${quote})?(?!\\d{1,10}:\\d{1,10}(?!\\w))[^\\s"':%\\\\]{0,64}[:%](?!//)(?<secret>[^\\s"'\\\\]+)`,
      "dg",
    ),
  },
  ...shortOptions.map(shortOption),
  {
    kind: "password",
    hint: /htpasswd/,
    form: /\bhtpasswd[ \t]{1,8}-[A-Za-z]{0,8}b[A-Za-z]{0,8}(?:[ \t]{1,8}[^\s|;&]{1,200}){1,2}?[ \t]{1,8}(?<secret>[^\s|;&]+)[ \t]*(?=$|[|;&\n])/dgm,
  },
  {
    kind: "password",
    hint: /chpasswd/,
    form: /\b[\w.-]{1,32}:(?<secret>[^\s"'|]{1,200})["']?[ \t]{0,8}\|[ \t]{0,8}(?:sudo[ \t]{1,8})?chpasswd\b/dg,
  },
  // Key of nsupdate: "-y hmac-sha256:name:secret", "key name secret".
  { kind: "tsig-key", hint: /-y/, form: /(?<=\s)-y[ \t]+(?:[\w-]+:)?[\w.-]+:(?<secret>\S+)/dg },
  {
    kind: "tsig-key",
    hint: /key/i,
    form: /\bkey[ \t]+(?:hmac-[\w-]+:)?[\w.-]+[ \t]+(?<secret>[A-Za-z0-9+/]{8,}={0,2})(?![\w+/=])/dgi,
    only: looksRandom,
  },
];
