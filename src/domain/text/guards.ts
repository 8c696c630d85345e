/**
 * Whether a value from a file or a socket has the form of its type. For values that are checked often, or before any
 * schema is loaded.
 */
export type Guard<T> = (value: unknown) => value is T;

type RequiredKey<T> = { [K in keyof T]-?: object extends Pick<T, K> ? never : K }[keyof T];

/** A guard for each field that has to be there. */
export type Needed<T> = { readonly [K in RequiredKey<T>]: Guard<T[K]> };

/** A guard for each field that may be absent. */
export type Optional<T> = {
  readonly [K in Exclude<keyof T, RequiredKey<T>>]-?: Guard<Exclude<T[K], undefined>>;
};

type Fields = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isText(value: unknown): value is string {
  return typeof value === "string";
}

export function isFlag(value: unknown): value is boolean {
  return typeof value === "boolean";
}

/** Three thousand years, in milliseconds: a date stays one when this is added to it. */
const mostOfAll = 1e14;

/** A number to calculate with. JSON reads `1e999` as infinity. */
export function isAmount(value: unknown): value is number {
  return typeof value === "number" && Math.abs(value) <= mostOfAll;
}

/** A time as muster writes it: ISO 8601, of the years from 0 to 9999. */
export function isTime(value: unknown): value is string {
  return (
    typeof value === "string" &&
    /^\d{4}-\d\d-\d\dT[\d:.]{5,20}(?:Z|[+-]\d\d:\d\d)$/.test(value) &&
    !isNaN(Date.parse(value))
  );
}

export function isOneOf<T extends string>(values: readonly T[]): Guard<T> {
  return (value): value is T => values.some((one) => one === value);
}

export function isListOf<T>(guard: Guard<T>): Guard<readonly T[]> {
  return (value): value is readonly T[] => Array.isArray(value) && value.every((one) => guard(one));
}

export function isAnyOf<T extends readonly unknown[]>(
  ...guards: { readonly [K in keyof T]: Guard<T[K]> }
): Guard<T[number]> {
  return (value): value is T[number] => guards.some((guard) => guard(value));
}

/** An object with these fields. Others may be there: a newer binary may write them. */
export function hasFields<T>(needed: Needed<T>, optional: Optional<T>): Guard<T> {
  const must = guardsOf(needed);
  const may = guardsOf(optional);
  return (value): value is T =>
    isObject(value) &&
    must.every(([name, guard]) => guard(value[name])) &&
    may.every(([name, guard]) => value[name] === undefined || guard(value[name]));
}

/** The object without optional fields of a wrong form: each field stands for itself. */
export function withoutMalformed<T>(value: Fields, optional: Optional<T>): Fields {
  const known = new Map(guardsOf(optional));
  return Object.fromEntries(Object.entries(value).filter(([name, field]) => known.get(name)?.(field) ?? true));
}

function guardsOf(guards: object): readonly (readonly [name: string, guard: (value: unknown) => boolean])[] {
  return Object.entries(guards);
}
