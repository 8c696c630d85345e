import { addressesText, isSameAddresses, readdressed } from "../../domain/instance/instance.ts";
import type { RunDeps } from "../spine/deps.ts";
import type { Run } from "../spine/step.ts";
import type { Joining } from "./join.ts";

/**
 * The addresses are looked at again where they are published: patch, converge and the gates may have taken hours, and a
 * run that goes on after a crash has them from its journal. Where nothing tells them now, the known ones count.
 */
export async function withPresentAddresses(run: Run, joining: Joining, deps: RunDeps): Promise<Joining> {
  const { identity } = joining;
  let seen;
  try {
    seen = await deps.identity.addresses(run.signal);
  } catch {
    run.signal.throwIfAborted();
    return joining;
  }
  const known = identity.instance.addresses;
  if (isSameAddresses(known, seen)) return joining;
  const text = `The addresses of this instance changed during the run: from ${addressesText(known)} to ${addressesText(seen)}`;
  run.emit({ type: "notice", level: "info", code: "address-changed", text });
  const duty = deps.duty.current();
  if (duty !== undefined) await deps.duty.adopt({ ...duty, identity: readdressed(duty.identity, seen) });
  const present = readdressed(identity, seen);
  run.emit({ type: "run-facts", facts: { instance: present.instance } });
  return { ...joining, identity: present };
}
