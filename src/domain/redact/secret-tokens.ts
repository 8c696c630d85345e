import type { SecretForm } from "./secret-form.ts";

/** Tokens with a known beginning that is not the rest of a longer word. */
const beginnings = [
  // GitHub, GitLab, Slack.
  "(?:gh[pousr]_|github_pat_)[\\w-]{16,}",
  "gl(?:pat|rt|dt|soat|cbt|ptt|ft|agent)-[\\w.-]{16,}",
  "(?:xox[a-z]|xapp)-[\\w-]{10,}",
  // Stripe, Google, Vault (now and before 1.10).
  "(?:(?:sk|rk)_(?:live|test)_|whsec_)[A-Za-z0-9+/=]{8,}",
  "AIza[\\w-]{30,}|ya29\\.[\\w-]{10,}|GOCSPX-[\\w-]{10,}",
  "hv[sbr]\\.[\\w-]{10,}|s\\.[A-Za-z0-9]{24}(?![A-Za-z0-9])",
  // Registries, clouds and services.
  "(?:npm_|rubygems_|hf_|dckr_pat_|pypi-|glsa_|glc_|dop_v1_|shpat_|shpss_|lin_api_|NRAK-|CFPAT-)[\\w-]{20,}",
  "dapi[0-9a-f]{32}|SK[0-9a-f]{32}|key-[0-9a-f]{32}|SG\\.[\\w-]{16,}\\.[\\w-]{16,}|AGE-SECRET-KEY-1[A-Z0-9]{20,}",
];

const afterAnything = "(?<![A-Za-z0-9])";

/** Tokens, hashes of passwords, and the addresses that are secrets themselves. */
export const tokenForms: readonly SecretForm[] = [
  { kind: "aws-access-key", form: /(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])/dg },
  { kind: "aws-session-token", form: /(?:IQoJ|FwoG|FQoG)[A-Za-z0-9+/=]{60,}/dg },
  { kind: "token", form: /(?<![\w-])eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*/dg },
  { kind: "token", form: new RegExp(`${afterAnything}(?:${beginnings.join("|")})`, "dg") },
  { kind: "token", form: /(?<![A-Za-z0-9])sk-[\w-]{20,}/dg, only: (found) => /\d/.test(found) },
  // As /etc/shadow and .htpasswd have them, crypt(5), and as LDAP has them.
  {
    kind: "password-hash",
    hint: /\$/,
    form: /\$(?:[1567y]|2[abxy]|gy|md5|sha1|apr1|scrypt|argon2(?:id|i|d)|pbkdf2[\w-]{0,20}|bcrypt[\w-]{0,20})\$[^\s"':;,\\]{8,}/dg,
  },
  { kind: "password-hash", form: /\{(?:S?SHA(?:256|384|512)?|SMD5|CRYPT|PBKDF2[\w-]{0,20}|ARGON2)\}[\w+/=$.]{8,}/dg },
  {
    kind: "webhook",
    hint: /slack|discord|office|pagerduty|hc-ping/i,
    form: /\b(?:hooks\.slack(?:-gov)?\.com\/(?:services|workflows|triggers)|discord(?:app)?\.com\/api(?:\/v\d{1,2})?\/webhooks|webhook\.office\.com\/webhookb2|outlook\.office(?:365)?\.com\/webhook|events\.pagerduty\.com\/integration|hc-ping\.com)\/(?<secret>[^\s"'<>?#\\]+)/dgi,
  },
  { kind: "webhook", form: /\bapi\.telegram\.org\/bot(?<secret>[^\s/"'<>]+)/dgi },
  {
    kind: "webhook",
    hint: /hook/i,
    form: /:\/\/[^\s/"'<>]{1,255}\/(?:[^\s"'<>?#]{0,100}\/)?(?:web)?hooks?\/(?<secret>[^\s"'<>?#\\]{8,})/dgi,
  },
  // A query of a URL whose name does not say so by itself.
  {
    kind: "url-query",
    hint: /[?&]/,
    form: /[?&](?:key|sig|code|auth|jwt|sid|session(?:_?id)?|sas|otp|pin|ticket|pw|pass|access|api[_-]?key|x-amz-(?:signature|credential|security-token)|awsaccesskeyid)=(?<secret>[^\s&"'#<>\\]+)/dgi,
  },
];
