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

function isItem(item: string, field: Field): boolean {
  const [, range = "", step] = /^([^/]+)(?:\/(\d{1,2}))?$/.exec(item) ?? [];
  if (step !== undefined && (Number(step) === 0 || Number(step) > field.max)) return false;
  if (range === "*") return true;
  const bounds = range.split("-").map((bound) => numberOf(bound, field));
  const [from, to = from] = bounds;
  if (from === undefined || to === undefined || bounds.length > 2 || bounds.includes(undefined)) return false;
  // `5/10` means another thing in every cron: a step needs a range.
  return from <= to && (step === undefined || bounds.length === 2);
}

function numberOf(text: string, { min, max, names }: Field): number | undefined {
  const named = names.findIndex((name) => name === text.toLowerCase());
  if (named >= 0) return named + min;
  if (!/^\d{1,2}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= min && value <= max ? value : undefined;
}
