import type { Slots } from "../../ports/slots.ts";
import { createSlots, readHold, slotTtl } from "../host/dns/slots.ts";
import { askServer } from "./dig.ts";
import { conditionsOf, deletion } from "./dns-update.ts";
import { sendUpdate } from "./nsupdate.ts";
import type { Rfc2136Deps } from "./rfc2136.ts";

/**
 * Slots at a DNS server that takes signed updates: the conditions of each (RFC 2136, section 2.4) let one of many win.
 * A machine whose clock is off by more than five minutes cannot write: the server refuses its signature.
 */
export function createRfc2136Slots(deps: Rfc2136Deps): Slots {
  const { at, exec, clock } = deps;
  return createSlots(
    {
      async read({ zone }, names, signal) {
        const questions = names.map((name) => ({ name, type: "TXT" }));
        // An alias is in every answer: no record can stand beside it, and a server silently skips one that should.
        const answered = await askServer(at, questions, exec, signal);
        return await Promise.all(
          names.map(async (name) => {
            const values = answered.filter((record) => record.name === name).map(({ rdata }) => rdata);
            const strange = values.length > 0 && values.every((rdata) => readHold(rdata) === undefined);
            return strange && (await isWildcard(zone, name, signal)) ? [] : values;
          }),
        );
      },
      async swap({ zone }, name, from, to, signal) {
        const lines = [
          ...conditionsOf(name, "TXT", from === undefined ? [] : [from]),
          ...(from === undefined ? [] : [deletion(name, "TXT", from)]),
          ...(to === undefined ? [] : [`update add ${name}. ${slotTtl} TXT ${to}`]),
        ];
        return (await sendUpdate(at, zone, lines, exec, signal)) === "done";
      },
      now: () => clock.now(),
    },
    clock,
  );

  /** Whether a wildcard of the zone answered: the name itself holds nothing, which only a condition can prove. */
  async function isWildcard(zone: string, name: string, signal: AbortSignal): Promise<boolean> {
    return (await sendUpdate(at, zone, [`prereq nxdomain ${name}.`], exec, signal)) === "done";
  }
}
