/** What failed, and why. */
type Failed = { readonly resource: string; readonly message: string };

/** Failures of one cause: the first, and the names of the others. */
export type Alike = { readonly first: Failed; readonly others: readonly string[] };

/**
 * Failures whose words differ in names, numbers and times alone, as one: twenty packages of a mirror that is down are one
 * fault. In the order of their first ones. Pure.
 */
export function alike(failures: readonly Failed[]): readonly Alike[] {
  return [...Map.groupBy(failures, patternOf).values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : [{ first, others: others.map(({ resource }) => resource) }],
  );
}

/** As `Package[nginx]: REASON (as Package[curl], Package[vim] and 2 more)`. */
export function alikeText({ first, others }: Alike): string {
  const words = `${first.resource}: ${first.message}`;
  if (others.length === 0) return words;
  const shown = others.slice(0, 2);
  const more = others.length - shown.length;
  return `${words} (so also ${shown.join(", ")}${more === 0 ? "" : ` and ${more} more`})`;
}

/** The message with what tells one failure from the next taken out, and the kind of the resource. */
function patternOf({ resource, message }: Failed): string {
  const [, kind = resource, title = ""] = /^([^[]+)\[(.*)\]$/s.exec(resource) ?? [];
  const without = title === "" ? message : message.replaceAll(title, "…");
  return `${kind} ${without
    // Names that a program made up, such as /tmp/puppet20261201-7-x1y2z3.
    .replaceAll(/\/(?:var\/)?tmp\/\S+/g, "…")
    // Numbers, times, process ids and digests.
    .replaceAll(/\b[0-9a-f]{8,40}\b/gi, "0")
    .replaceAll(/\d+/g, "0")}`;
}
