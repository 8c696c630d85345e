import { backOff, type Backoff } from "../../lib/async/backoff.ts";
import type { LogNoticeCode } from "../../domain/errors/error-codes.ts";
import { reportOf } from "../../domain/errors/errors.ts";
import type { Minimum } from "../../domain/role/role.ts";
import { heldBy } from "../../domain/membership/slot.ts";
import { createOnceGate, createReportGate, type ReportGate } from "../../lib/async/report.ts";
import { changeState } from "../../run/state/change-state.ts";
import type { DaemonDeps } from "../deps.ts";
import { tooFewWithout } from "./minimum.ts";
import { untilStatus } from "../until-status.ts";

type Deps = Pick<DaemonDeps, "membership" | "balancer" | "slots" | "duty" | "bus" | "clock" | "status">;

/** The minimum if the catalogue sets none: the last serving instance stays. */
const usualMinimum: Minimum = { count: 1 };

/** Between two attempts, in milliseconds. Other instances come back within minutes, and a whole fleet may be asking. */
const betweenAttempts: Backoff = { firstMs: 20_000, maxMs: 300_000, jitter: "upper-half" };

const afterRunMs = 1_000;

/** Why the instance stays for now. Each kind is reported once. */
type Stays = { readonly kind: "too-few" | "no-slot" | "nobody-to-ask"; readonly why: string };

type Reported = { readonly notices: ReportGate<Stays["kind"]>; readonly reasons: ReportGate<string> };

/**
 * Takes an unhealthy instance out of service as soon as enough others serve and it has a slot. Until then the instance
 * stays in service, reports why, and tries again: an instance that fails some checks is better than none. An instance
 * that is already out, for a departure or a patch, stays out until its checks pass.
 * @throws the signal's reason, as soon as the instance is healthy again
 */
export async function leaveUnhealthy(deps: Deps, leave: () => Promise<void>, signal: AbortSignal): Promise<void> {
  const { clock, membership } = deps;
  const reported = { notices: createOnceGate<Stays["kind"]>(), reasons: createReportGate<string>() };
  for (let attempt = 1; ; attempt += 1) {
    const { wish } = membership.status();
    // Finish a leave that an earlier process began. If another wish has taken the instance out, there is nothing to
    // leave.
    if (wish?.want === "out") return wish.by === "health" ? await leave() : undefined;
    await untilNoRun(deps, signal);
    const stays = await tryToLeave(deps, leave, signal);
    if (stays === undefined) return;
    shout(deps, stays, reported);
    await backOff(betweenAttempts, attempt, clock, signal);
  }
}

/** A run may repair the instance, and its gates decide before the instance leaves. */
async function untilNoRun(deps: Deps, signal: AbortSignal): Promise<void> {
  if (deps.status.current().run?.finished !== false) return;
  await untilStatus(deps, ({ run }) => run?.finished !== false, signal);
  // If the gates passed, the instance is healthy again: do not leave. The health watch reports this within a second.
  await deps.clock.sleep(afterRunMs, signal);
}

/** @returns undefined once the instance has left */
async function tryToLeave(deps: Deps, leave: () => Promise<void>, signal: AbortSignal): Promise<Stays | undefined> {
  const duty = deps.duty.current();
  if (duty === undefined) return { kind: "nobody-to-ask", why: "it is not known what this instance is here for" };
  let left = false;
  try {
    const tooFew = await tooFewWithout(deps, usualMinimum, signal);
    if (tooFew !== undefined) return { kind: "too-few", why: tooFew };
    const answer = await deps.slots.use("health", duty, signal, () => {
      left = true;
      return leave();
    });
    if (answer.kind === "busy") return { kind: "no-slot", why: heldBy(answer.owners) };
    if (answer.kind === "unguarded") {
      say(deps, "slot-missing", `Nothing keeps others from leaving at the same time: ${answer.why}`);
    }
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    // A leave that has begun is retried by the controller.
    if (left) throw error;
    return { kind: "nobody-to-ask", why: `whether it may leave cannot be asked: ${reportOf(error).message}` };
  }
}

function shout(deps: Deps, { kind, why }: Stays, { notices, reasons }: Reported): void {
  const text = `not healthy, and stays in service: ${why}`;
  if (notices.isNew(kind)) say(deps, "unhealthy-in-service", `This instance is ${text}`);
  // A run in between has given the status a reason of its own.
  if (!reasons.isNew(text) && deps.status.current().mustStay === true) return;
  changeState(deps, { trigger: "must-stay", reason: text, brief: "not healthy, and stays in service" });
}

function say({ bus }: Pick<Deps, "bus">, code: LogNoticeCode, text: string): void {
  bus.emit({ type: "notice", level: "warning", code, text });
}
