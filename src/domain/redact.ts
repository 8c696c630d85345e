import { secretForms, type SecretForm } from "./secret-forms.ts";

/** How often something was masked, by its kind. */
export type Masked = Readonly<Record<string, number>>;

/** Takes secrets out of texts. The same secret is masked by the same words in all of them, so that they can be compared. */
export type Redactor = { redact(text: string): { readonly text: string; readonly masked: Masked } };

/** Shorter ones would mask half of what people write. */
const leastLength = 4;

/** @param known secrets to be looked for as they are, whatever stands around them */
export function createRedactor(known: readonly string[]): Redactor {
  const numbers = new Map<string, number>();
  const forms = [...formsOfKnown(known), ...secretForms];

  function numberOf(secret: string): number {
    const number = numbers.get(secret) ?? numbers.size + 1;
    numbers.set(secret, number);
    return number;
  }

  return {
    redact(given) {
      const masked: Record<string, number> = {};
      let text = given;
      for (const form of forms) {
        text = replace(text, form, (secret) => {
          masked[form.kind] = (masked[form.kind] ?? 0) + 1;
          return `[masked ${form.kind} ${numberOf(secret)}]`;
        });
      }
      return { text, masked };
    },
  };
}

const maskedWords = /^(?:\[masked [a-z-]+ \d+\]\s*)+/;

/** Whether what stands there was masked before; some forms see the beginning only of the words that stand for it. */
function isMasked(text: string, from: number, to: number): boolean {
  const words = maskedWords.exec(text.slice(from, to + 40))?.[0] ?? "";
  return words !== "" && from + words.length >= to;
}

function replace(text: string, { form, only = () => true }: SecretForm, mask: (secret: string) => string): string {
  const parts: string[] = [];
  let end = 0;
  for (const match of text.matchAll(form)) {
    const [from, to] = match.indices?.groups?.["secret"] ?? [match.index, match.index + match[0].length];
    const secret = text.slice(from, to);
    if (secret === "" || isMasked(text, from, to) || !only(secret)) continue;
    parts.push(text.slice(end, from), mask(secret));
    end = to;
  }
  return parts.join("") + text.slice(end);
}

/** As it is, and as it stands in JSON, in a URL and in base64. */
function formsOfKnown(known: readonly string[]): readonly SecretForm[] {
  const written = known
    .filter((secret) => secret.length >= leastLength)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), base64Of(secret)]);
  if (written.length === 0) return [];
  // The longest first: one may be a part of another.
  const inOrder = [...new Set(written)].toSorted((one, other) => other.length - one.length);
  const escaped = inOrder.map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`));
  return [{ kind: "known-secret", form: new RegExp(escaped.join("|"), "dg") }];
}

function base64Of(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCodePoint(byte)).join(""));
}

/**
 * The secrets in a file that holds nothing else: a key, a list of logins, a password. Rather too many than too few, but
 * not what merely stands beside them: names of hosts, users and algorithms.
 */
export function secretsIn(text: string): readonly string[] {
  const logins = [...text.matchAll(/:\/\/([^\s/@]*)@/g)].flatMap(([, login = ""]) => {
    const [user, password] = [login.replace(/:.*$/, ""), /:(.*)$/.exec(login)?.[1]];
    const secret = password ?? user;
    return [secret, decoded(secret)];
  });
  const quoted = [...text.matchAll(/secret\s+"([^"]+)"/g)].map(([, secret = ""]) => secret);
  const lines = text.split("\n").map((line) => line.trim());
  // A file of one line is its secret, whatever it looks like.
  const whole = lines.filter((line) => line !== "").length === 1 ? lines.filter((line) => !line.includes("://")) : [];
  const random = text.split(/[\s"';:@/]+/).filter((part) => /^[\w+=.~-]{16,}$/.test(part) && /\d/.test(part));
  const keyLines = lines.filter((line) => /^[A-Za-z0-9+/=]{16,}$/.test(line));
  return [...new Set([...logins, ...quoted, ...whole, ...keyLines, ...random])].filter(
    (each) => each.length >= leastLength,
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
