/** The five fields of a cron expression: minute, hour, day of the month, month, day of the week. */
const fields = [
  { min: 0, max: 59, names: [] },
  { min: 0, max: 23, names: [] },
  { min: 1, max: 31, names: [] },
  { min: 1, max: 12, names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"] },
  { min: 0, max: 7, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
] as const;

type Field = (typeof fields)[number];

/** Whether the text is a cron expression of five fields, with lists, ranges, steps and English names. */
export function isCron(text: string): boolean {
  const parts = text.trim().split(/\s+/);
  return (
    parts.length === fields.length &&
    fields.every((field, index) => (parts[index] ?? "").split(",").every((item) => isItem(item, field)))
  );
}

/** The most days of each month, from January on. */
const days = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Whether the day of an expression exists in any year, which the 30th of February does not; true for an invalid
 * expression.
 */
export function comes(text: string): boolean {
  if (!isCron(text)) return true;
  const [, , day = "", month = ""] = text.trim().split(/\s+/);
  const first = Math.min(...valuesOf(day, fields[2]));
  return valuesOf(month, fields[3]).some((each) => first <= (days[each - 1] ?? 0));
}

/** Every value of a valid field. */
function valuesOf(text: string, field: Field): readonly number[] {
  return text.split(",").flatMap((item) => {
    const [range = "", step = "1"] = item.split("/");
    const [from = field.min, to = from] =
      range === "*" ? [field.min, field.max] : range.split("-").map((bound) => numberOf(bound, field));
    return Array.from({ length: Math.floor((to - from) / Number(step)) + 1 }, (_, at) => from + at * Number(step));
  });
}

function isItem(item: string, field: Field): boolean {
  const [, range = "", step] = /^([^/]+)(?:\/(\d{1,2}))?$/.exec(item) ?? [];
  if (step !== undefined && (Number(step) === 0 || Number(step) > field.max)) return false;
  if (range === "*") return true;
  const bounds = range.split("-").map((bound) => numberOf(bound, field));
  const [from, to = from] = bounds;
  if (from === undefined || to === undefined || bounds.length > 2 || bounds.includes(undefined)) return false;
  // `5/10` means something different in every cron: a step needs a range.
  return from <= to && (step === undefined || bounds.length === 2);
}

function numberOf(text: string, { min, max, names }: Field): number | undefined {
  const named = names.findIndex((name) => name === text.toLowerCase());
  if (named >= 0) return named + min;
  if (!/^\d{1,2}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= min && value <= max ? value : undefined;
}
