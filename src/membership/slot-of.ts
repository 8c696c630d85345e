import type { SlotRule } from "../domain/role/role.ts";
import type { Slot } from "../domain/membership/slot.ts";
import { render, type TemplateFacts } from "../domain/role/template.ts";
import { hostName, zoneOf } from "./endpoints.ts";

/** Room for the `_muster-slot-50.` that stands before the name of each. */
const longestName = 253 - "_muster-slot-50.".length;

/**
 * The slot of a role: its rule with the instance's values put in and checked. Pure.
 * @throws MusterError `template-*`, `dns-name-invalid`
 */
export function slotOf(rule: SlotRule, facts: TemplateFacts): Slot {
  const within = zoneOf(rule, facts, "the zone of the slot");
  const full = hostName(`${render(rule.name, facts)}.${within.zone}`, `a slot in ${within.zone}`, longestName);
  return { ...within, name: full, count: rule.count };
}
