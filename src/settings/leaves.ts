import { posix } from "node:path";
import { z } from "zod";
import { parseIpv4, parseIpv6 } from "../domain/instance/address.ts";
import { isDnsName, isOwnDnsName, isRefName } from "../domain/role/names.ts";
import { templateVariables, variablesIn } from "../domain/role/template.ts";
import { parseDuration, parsePercent, parseSize } from "../domain/text/units.ts";

// In every schema of this folder the message of an issue is the expected value, as a noun phrase; problems.ts adds the
// found value and the position. `title` is the name of the type in the documentation.

/** What an expectation is about, beyond its words. */
export type Expectation = {
  /** A number with a unit: a bare number was meant well. */
  readonly withUnit?: true;
  /** The keys of a map. */
  readonly keys?: readonly string[];
};

/** Of an issue zod hands on the message alone: what was expected is found again by it, and never read out of it. */
const expectations = new Map<string, Expectation>();

export function expectationOf(message: string): Expectation {
  return expectations.get(message) ?? {};
}

function expecting(message: string, expectation: Expectation): string {
  expectations.set(message, expectation);
  return message;
}

/** A text that passes `test`. Control characters never do. */
export function text(expected: string, title: string, test: (value: string) => boolean = () => true) {
  return z
    .string({ error: expected })
    .refine((value) => value !== "" && !/[\p{Cc}\p{Cs}]/u.test(value) && test(value), { error: expected })
    .meta({ title });
}

export function whole(expected: string, min: number, max: number) {
  return z
    .int({ error: expected })
    .min(min, { error: expected })
    .max(max, { error: expected })
    .meta({ title: "number" });
}

export function yesNo() {
  return z.boolean({ error: "true or false" }).meta({ title: "true or false" });
}

export function oneOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.enum(values, { error: words(values) }).meta({ title: words(values) });
}

/** A map with exactly these keys. The message of an unknown key is the list of the known ones. */
export function map<Shape extends z.ZodRawShape>(shape: Shape) {
  const keys = Object.keys(shape);
  const known = expecting(keys.join(", "), { keys });
  return z.strictObject(shape, {
    error: (issue) => (issue.code === "unrecognized_keys" ? known : `a map of ${known}`),
  });
}

/** A map whose keys a person chooses. */
export function record<Value extends z.ZodType>(key: z.ZodType<string, string>, value: Value, expected: string) {
  return z.record(key, value, { error: expected });
}

export function list<Item extends z.ZodType>(item: Item, expected: string) {
  return z.array(item, { error: expected });
}

/** `30s`; in the result milliseconds. */
export function duration(min: string, max: string) {
  const expected = expecting(`a duration from ${min} to ${max}, such as 90s, 5m or 1h30m`, { withUnit: true });
  const least = parseDuration(min) ?? 0;
  const most = parseDuration(max) ?? 0;
  return text(expected, "duration", (value) => within(parseDuration(value), least, most))
    .meta({ pattern: "^([0-9]+(ms|s|m|h|d))+$" })
    .transform((value) => parseDuration(value) ?? 0);
}

const amountExpected = expecting("an amount such as 10%, 512M or 2GiB", { withUnit: true });

/** `10%` or `512M`. */
export const amount = text(
  amountExpected,
  "percentage or size",
  (value) => parsePercent(value) !== undefined || parseSize(value) !== undefined,
).transform((value) => {
  const percent = parsePercent(value);
  return percent === undefined ? { bytes: parseSize(value) ?? 0 } : { percent };
});

const minimumExpected = "a number such as 2, or a percentage such as 50%";

/** `2` or `50%`. */
export const minimum = z
  .union(
    [
      whole(minimumExpected, 0, 10_000),
      text(minimumExpected, "percentage", (value) => parsePercent(value) !== undefined),
    ],
    { error: minimumExpected },
  )
  .transform((value) => (typeof value === "number" ? { count: value } : { percent: parsePercent(value) ?? 0 }));

export const port = whole("a port from 1 to 65535", 1, 65_535);

/** Seconds for which resolvers may cache a record. */
export const ttl = whole("a number of seconds from 1 to 604800", 1, 604_800);

export const absolutePath = text("an absolute path", "absolute path", isAbsolutePath);

/** A path of the config repo: relative, and never outside. */
export const repoPath = text(
  "a path inside the config repo, relative to its root",
  "path in the repo",
  (value) => !posix.isAbsolute(value) && !value.startsWith("-") && !value.split("/").includes(".."),
);

export const refName = text("a branch, a tag or a commit", "branch, tag or commit", isRefName);

/** `main`, `release/*`: a ref name in which `*` stands for any text without a slash, `**` for any text. */
export const refGlob = text("a branch or tag, or a glob of them such as release/*", "glob", (value) =>
  isRefName(value.replaceAll(/[*?]/g, "x")),
);

/** An IP address of either family. */
export function isAddress(value: string): boolean {
  return parseIpv4(value) !== undefined || parseIpv6(value) !== undefined;
}

/** A host name or an IP address. */
export const host = text("a host name or an IP address", "host", (value) => isAddress(value) || isDnsName(value));

/** A text with `{variables}`; `test` sees it with every variable replaced by `x`. */
export function template(expected: string, title: string, test: (value: string) => boolean) {
  return text(expected, title, (value) => test(filled(value))).superRefine((value, context) => {
    for (const name of variablesIn(value)) {
      if (isVariable(name)) continue;
      context.addIssue({
        code: "custom",
        message: variablesExpected,
        params: { found: name, valid: templateVariables },
      });
    }
  });
}

/** A template of a DNS name other than muster's own. */
export function recordName(expected: string, test: (value: string) => boolean) {
  return template(expected, "template", test).refine((value) => !isOwnDnsName(value), {
    error: "a name without a part that begins with _muster, as muster's own records do",
  });
}

const variablesExpected = `a variable out of ${templateVariables.join(", ")} and tag.KEY`;

export function isAbsolutePath(value: string): boolean {
  return posix.isAbsolute(value) && !value.split("/").includes("..");
}

/** `a`, `a or b`, `a, b or c`. */
export function words(values: readonly string[]): string {
  return values.length < 2 ? values.join("") : `${values.slice(0, -1).join(", ")} or ${values.at(-1) ?? ""}`;
}

function filled(value: string): string {
  return value.replaceAll(/\{[^{}]*\}/g, "x");
}

function isVariable(name: string): boolean {
  return templateVariables.some((known) => known === name) || /^tag\../.test(name);
}

function within(value: number | undefined, min: number, max: number): boolean {
  return value !== undefined && value >= min && value <= max;
}
