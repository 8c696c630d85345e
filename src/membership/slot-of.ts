import type { SlotRule } from "../domain/role/role.ts";
import type { Slot } from "../domain/membership/slot.ts";
import { render, type TemplateFacts } from "../domain/role/template.ts";
import { hostName } from "./endpoints.ts";

/** Room for the `_muster-slot-50.` that stands before the name of each. */
const longestName = 253 - "_muster-slot-50.".length;

/**
 * The slot of a role: its rule with the instance's values put in and checked. Pure.
 * @throws MusterError `template-*`, `dns-name-invalid`
 */
export function slotOf({ zone, name, count, visibility }: SlotRule, facts: TemplateFacts): Slot {
  const within = hostName(render(zone, facts), "the zone of the slot");
  const full = hostName(`${render(name, facts)}.${within}`, `a slot in ${within}`, longestName);
  return { zone: within, name: full, count, ...(visibility === undefined ? {} : { visibility }) };
}
