import { MusterError } from "../domain/errors.ts";
import type { Owner, Wish } from "../domain/membership.ts";
import type { PendingLaunch } from "../ports/lifecycle.ts";
import { balancerOf, dnsOf } from "./observe.ts";
import type { MembershipPorts } from "./observe.ts";
import type { Step } from "./steps.ts";

type Actors = MembershipPorts & { readonly launch?: PendingLaunch | undefined };

/** Does one step. Idempotent, because every operation of the ports is. */
export async function act(step: Step, wish: Wish, ports: Actors, signal: AbortSignal): Promise<void> {
  switch (step.do) {
    case "launch":
      return await ports.launch?.complete(signal);
    case "register":
      return await balancerOf(ports).register(step.target, signal);
    case "drain":
      return await balancerOf(ports).drain(step.target, signal);
    case "remove":
      return await balancerOf(ports).remove(step.target, signal);
    case "update":
      return await dnsOf(ports).apply(step.change, ownerOf(wish), signal);
    case "refuse":
      throw new MusterError({
        code: "dns-name-owned",
        message: `${step.record.type} ${step.record.name} is held by ${step.owner}: it was not touched`,
        hint: "Choose another name in the catalogue, or remove the record there if nobody needs it.",
      });
    case "write":
      return await ports.tags.write(step.tags, signal);
    default:
      step satisfies never;
  }
}

function ownerOf(wish: Wish): Owner {
  if (wish.owner === undefined) throw new Error("a wish with records has an owner");
  return wish.owner;
}
