import { privateKeysIn, type Range } from "./private-keys.ts";
import type { SecretForm } from "./secret-form.ts";
import { secretForms } from "./secret-forms.ts";

/** How many secrets were masked, by kind. */
export type Masked = Readonly<Record<string, number>>;

/** Masks secrets in texts. The same secret gets the same mask in all of them, so that texts can be compared. */
export type Redactor = { redact(text: string): { readonly text: string; readonly masked: Masked } };

/** Shorter ones would mask half of what people write. */
const leastLength = 4;

/** @param known secrets to be masked wherever they stand */
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
      const text = maskAll(given, forms, (kind, secret) => {
        masked[kind] = (masked[kind] ?? 0) + 1;
        return `[masked ${kind} ${numberOf(secret)}]`;
      });
      return { text, masked };
    },
  };
}

/**
 * A text for journal, log, status, terminal and other readers, without likely secrets. Keeps no state, and a redacted
 * text stays as it is.
 */
export function redact(text: string): string {
  // Kinds, states and stages: nearly all texts of an event.
  if (text.length < 8 || /^[a-z-]{1,40}$/.test(text)) return text;
  return maskAll(text, secretForms, (kind) => `[masked ${kind}]`);
}

/** The same value with every text in it redacted; names of fields stay. */
export function redactAll<T>(value: T): T;
export function redactAll(value: unknown): unknown {
  if (typeof value === "string") return redact(value);
  if (Array.isArray(value)) return value.map((each: unknown) => redactAll(each));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, redactAll<unknown>(each)]));
}

type Mask = (kind: string, secret: string) => string;

function maskAll(given: string, forms: readonly SecretForm[], mask: Mask): string {
  let text = replace(given, privateKeysIn(given), (secret) => mask("private-key", secret));
  const hinted = new Map<RegExp, boolean>();
  for (const form of forms) {
    const { hint, kind } = form;
    if (hint !== undefined && !hinted.has(hint)) hinted.set(hint, hint.test(given));
    if (hint !== undefined && hinted.get(hint) === false) continue;
    text = replace(text, rangesOf(text, form), (secret) => mask(kind, secret));
  }
  return text;
}

function rangesOf(text: string, { form, only = () => true }: SecretForm): readonly Range[] {
  const ranges: Range[] = [];
  for (const match of text.matchAll(form)) {
    const [from, to] = match.indices?.groups?.["secret"] ?? [match.index, match.index + match[0].length];
    if (to > from && !isMasked(text, from, to) && only(text.slice(from, to))) ranges.push([from, to]);
  }
  return ranges;
}

const maskedWords = /^(?:\[masked [a-z-]{1,40}(?: \d{1,9})?\]\s{0,8})+/;

/** Whether the text was masked before; some forms match only the first words of a mask. */
function isMasked(text: string, from: number, to: number): boolean {
  if (!text.startsWith("[masked ", from)) return false;
  const words = maskedWords.exec(text.slice(from, to + 40))?.[0] ?? "";
  return words !== "" && from + words.length >= to;
}

function replace(text: string, ranges: readonly Range[], mask: (secret: string) => string): string {
  if (ranges.length === 0) return text;
  const parts: string[] = [];
  let end = 0;
  for (const [from, to] of ranges) {
    parts.push(text.slice(end, from), mask(text.slice(from, to)));
    end = to;
  }
  return parts.join("") + text.slice(end);
}

/** The secret itself, and its forms in JSON, in a URL and in base64. */
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
