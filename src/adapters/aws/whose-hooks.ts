import { matchesText } from "../../domain/text/glob.ts";
import type { GroupMembership, PendingHook } from "../../ports/lifecycle.ts";

/**
 * Divides the hooks of one transition into muster's own, those of other programs, and those of which nothing says whose
 * they are. Pure.
 * @param hooks of one transition
 * @param patterns `lifecycle.hooks` of the settings; undefined: the only hook is muster's, and of several none is known
 */
export function whoseHooks(
  hooks: readonly PendingHook[],
  patterns: readonly string[] | undefined,
): Pick<GroupMembership, "pending" | "unclaimed" | "others"> {
  if (patterns === undefined) return hooks.length > 1 ? { pending: [], unclaimed: hooks } : { pending: hooks };
  const isOwn = ({ name }: PendingHook) => patterns.some((pattern) => matchesText(pattern, name));
  const others = hooks.filter((hook) => !isOwn(hook)).map(({ name }) => name);
  return { pending: hooks.filter(isOwn), ...(others.length === 0 ? {} : { others }) };
}
