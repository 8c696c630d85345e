import type { ErrorCode } from "../../domain/errors/error-codes.ts";
import { isTransient, reportOf } from "../../domain/errors/errors.ts";
import { addressesText, isSameAddresses, readdressed } from "../../domain/instance/instance.ts";
import type { Instance } from "../../domain/instance/instance.ts";
import { sleepJittered } from "../../lib/async/periodic.ts";
import { createReportGate, type ReportGate } from "../../lib/async/report.ts";
import { endpointsOf, heldBy, reachedAt } from "../../membership/endpoints.ts";
import type { Duty } from "../../run/state/duty.ts";
import type { DaemonDeps } from "../deps.ts";
import { publishNow } from "./publish-now.ts";

type Deps = Pick<DaemonDeps, "membership" | "duty" | "identity" | "choose" | "bus" | "status" | "clock" | "intervals">;

type Addresses = Instance["addresses"];

type Memory = {
  /** Other addresses than the duty's, at the last look. */
  before: Addresses | undefined;
  /** By the text of the failure. */
  readonly reported: ReportGate<string>;
};

/**
 * Watches the addresses of this instance, which costs no call to a cloud's API. Others change the wish: the reconciler
 * publishes the new values and removes the old ones. A run looks by itself before it joins.
 */
export async function watchAddresses(deps: Deps, signal: AbortSignal): Promise<void> {
  const memory: Memory = { before: undefined, reported: createReportGate() };
  while (true) {
    await sleepJittered(deps.intervals.tagsMs, deps.clock, signal);
    await look(deps, memory, signal);
  }
}

async function look(deps: Deps, memory: Memory, signal: AbortSignal): Promise<void> {
  const duty = deps.duty.current();
  if (duty === undefined || !isAtRest(deps)) return;
  let seen: Addresses;
  try {
    seen = await deps.identity.addresses(signal);
  } catch (error) {
    signal.throwIfAborted();
    const { code, message } = reportOf(error);
    const text = `The addresses of this instance cannot be watched: ${message}`;
    if (!isTransient(error)) report(code, text, deps, memory);
    return;
  }
  if (isSameAddresses(duty.identity.instance.addresses, seen)) {
    memory.before = undefined;
    memory.reported.isNew(undefined);
    return;
  }
  // While an Elastic IP is replaced the metadata tells none, or a passing one, for a moment: it has to stay for two looks.
  const stays = memory.before !== undefined && isSameAddresses(memory.before, seen);
  memory.before = seen;
  // A run may have begun meanwhile: it looks by itself.
  if (stays && deps.duty.current() === duty && isAtRest(deps)) await follow(duty, seen, deps, memory, signal);
}

function isAtRest({ status }: Deps): boolean {
  return status.current().run?.finished === true;
}

async function follow(duty: Duty, seen: Addresses, deps: Deps, memory: Memory, signal: AbortSignal): Promise<void> {
  const { membership, bus, status, choose } = deps;
  const former = duty.identity.instance.addresses;
  const identity = readdressed(duty.identity, seen);
  const { account, region, id } = identity.instance;
  const change = `from ${addressesText(former)} to ${addressesText(seen)}`;
  try {
    const facts = { role: duty.role.name, environment: duty.environment, identity };
    const { records, targets } = endpointsOf(duty.role, facts, choose(identity));
    const held = heldBy(identity.instance);
    const reached = targets.length === 0 ? undefined : { at: reachedAt(identity.instance), held };
    // On disk before the duty: killed in between, the next look finds the change again, and changes nothing.
    const renamed = await membership.rename(
      records,
      { account, region, instance: id },
      status.current().bootId,
      reached,
    );
    // What is out of service takes them up when it is back: the former endpoints may be wanted again as they were.
    if (!renamed) return;
  } catch (error) {
    signal.throwIfAborted();
    const { code, message } = reportOf(error);
    return report(
      code,
      `The addresses of this instance changed ${change}; what was published stays: ${message}`,
      deps,
      memory,
    );
  }
  if (deps.duty.current() === duty) await deps.duty.adopt({ ...duty, identity });
  memory.before = undefined;
  bus.emit({ type: "run-facts", facts: { instance: identity.instance } });
  const text = `The addresses of this instance changed ${change}; its records and targets follow`;
  bus.emit({ type: "notice", level: "warning", code: "address-changed", text });
  await publishNow("The new addresses", deps, signal);
}

function report(code: ErrorCode, text: string, { bus }: Deps, memory: Memory): void {
  if (memory.reported.isNew(text)) bus.emit({ type: "notice", level: "warning", code, text });
}
