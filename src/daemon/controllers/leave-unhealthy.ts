import { backOff, type Backoff } from "../../lib/async/backoff.ts";
import type { NoticeCode } from "../../domain/error-codes.ts";
import { reportOf } from "../../domain/errors.ts";
import type { Minimum } from "../../domain/role.ts";
import { heldBy } from "../../domain/slot.ts";
import { createOnceGate, type ReportGate } from "../../lib/async/report.ts";
import { changeState } from "../../run/state/change-state.ts";
import type { DaemonDeps } from "../deps.ts";
import { tooFewWithout } from "./minimum.ts";
import { untilStatus } from "../until-status.ts";

type Deps = Pick<DaemonDeps, "membership" | "balancer" | "slots" | "duty" | "bus" | "clock" | "status">;

/** Where the catalogue does not say: whoever is the last to serve stays. */
const usualMinimum: Minimum = { count: 1 };

/** Between two attempts, in milliseconds: others come back within minutes, and a whole fleet may be asking. */
const betweenAttempts: Backoff = { firstMs: 20_000, maxMs: 300_000, jitter: "upper-half" };

const afterRunMs = 1_000;

/** Why it stays, for now. Told once a kind. */
type Stays = { readonly kind: "too-few" | "no-slot" | "nobody-to-ask"; readonly why: string };

/**
 * Takes an instance that is not healthy out of service as soon as it may: enough others serve, and it has a slot.
 * Until then it stays, says so, and asks again: one that fails some of its checks is better than none at all. What is
 * out already, for a notice or to be patched, only stays out until its checks pass.
 * @throws the signal's reason, as soon as the instance is healthy again
 */
export async function leaveUnhealthy(deps: Deps, leave: () => Promise<void>, signal: AbortSignal): Promise<void> {
  const { clock, membership } = deps;
  const reported = createOnceGate<Stays["kind"]>();
  for (let attempt = 1; ; attempt += 1) {
    const { wish } = membership.status();
    // What an earlier process began is brought to its end; whom somebody else took out has nothing to leave.
    if (wish?.want === "out") return wish.by === "health" ? await leave() : undefined;
    await untilNoRun(deps, signal);
    const stays = await tryToLeave(deps, leave, signal);
    if (stays === undefined) return;
    shout(deps, stays, reported);
    await backOff(betweenAttempts, attempt, clock, signal);
  }
}

/** A run may mend what is sick, and its gates are asked before anybody leaves. */
async function untilNoRun(deps: Deps, signal: AbortSignal): Promise<void> {
  if (deps.status.current().run?.finished !== false) return;
  await untilStatus(deps, ({ run }) => run?.finished !== false, signal);
  // Who has passed is healthy, and needs not leave: whoever watches says so first.
  await deps.clock.sleep(afterRunMs, signal);
}

/** @returns undefined when the instance has left */
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
    // Whoever began to leave has another way to be tried again.
    if (left) throw error;
    return { kind: "nobody-to-ask", why: `whether it may leave cannot be asked: ${reportOf(error).message}` };
  }
}

function shout(deps: Deps, { kind, why }: Stays, reported: ReportGate<Stays["kind"]>): void {
  const text = `not healthy, and stays in service: ${why}`;
  if (reported.isNew(kind)) say(deps, "unhealthy-in-service", `This instance is ${text}`);
  if (deps.status.current().reason === text) return;
  changeState(deps, "must-stay", { reason: text, brief: "not healthy, and stays in service" });
}

function say({ bus }: Pick<Deps, "bus">, code: NoticeCode, text: string): void {
  bus.emit({ type: "notice", level: "warning", code, text });
}
