import { MusterError } from "../../domain/errors/errors.ts";
import type { Target } from "../../domain/membership/membership.ts";
import type { Clock } from "../../ports/clock.ts";
import type { LoadBalancer } from "../../ports/load-balancer.ts";
import type { AskHaproxy } from "./haproxy-socket.ts";
import { checkPassed, fares, sameAddress, serversOf, stateOf } from "./haproxy-status.ts";
import type { HaproxyServer } from "./haproxy-status.ts";

/**
 * The checks of an added server: it inherits nothing from `default-server`, so every option is given here. The kind of
 * check (`option httpchk` and such) is the backend's.
 */
const checkOptions = "check inter 2s fastinter 500ms downinter 500ms rise 2 fall 3";

const pollMs = 100;
/** The longest time to the first result of a check: `fall` checks that all time out. */
const verdictMs = 15_000;
/** The time for sessions to end after they were told to. */
const removeMs = 5_000;

/**
 * HAProxy's runtime API. A backend is a group, a server in it a member. A reload of HAProxy forgets every added server:
 * then it is absent again, and the reconciler registers it anew.
 */
export function createHaproxy(deps: { readonly ask: AskHaproxy; readonly clock: Clock }): LoadBalancer {
  const { ask, clock } = deps;
  /** Servers in HAProxy's configuration file: HAProxy switches them off but does not delete them. */
  const pinned = new Set<string>();

  async function observe(target: Target, signal: AbortSignal): Promise<HaproxyServer | undefined> {
    return (await observeAll(target, signal)).get(target.member);
  }

  async function observeAll(target: Target, signal: AbortSignal): Promise<ReadonlyMap<string, HaproxyServer>> {
    const [stat, states] = await Promise.all([
      ask(`show stat ${wordOf(target.group)} 4 -1`, signal),
      ask(`show servers state ${wordOf(target.group)}`, signal),
    ]);
    if (/^(No such proxy|Can't find backend)/m.test(`${stat}\n${states}`)) throw groupMissing(target);
    if (!stat.startsWith("# ")) throw refused(target, "show stat", stat);
    return serversOf(stat, states, target.group);
  }

  /** @param success the form of a successful answer; empty for most commands */
  async function send(command: string, target: Target, success: RegExp, signal: AbortSignal): Promise<void> {
    const answer = (await ask(command, signal)).trim();
    if (success.test(answer)) return;
    if (answer.startsWith("No such backend")) throw groupMissing(target);
    throw refused(target, command, answer);
  }

  async function setState(target: Target, state: "ready" | "drain" | "maint", signal: AbortSignal): Promise<void> {
    await send(`set server ${serverOf(target)} state ${state}`, target, /^$/, signal);
  }

  /** Polls until `done` says so. */
  async function until(
    target: Target,
    limitMs: number,
    done: () => Promise<boolean>,
    late: () => MusterError,
    signal: AbortSignal,
  ): Promise<void> {
    const startedMs = clock.monotonicMs();
    while (!(await done())) {
      if (clock.monotonicMs() - startedMs >= limitMs) throw late();
      await clock.sleep(pollMs, signal);
    }
  }

  async function remove(target: Target, signal: AbortSignal): Promise<void> {
    if ((await observe(target, signal)) === undefined) return;
    await setState(target, "maint", signal);
    await until(
      target,
      removeMs,
      async () => {
        const answer = (await ask(`del server ${serverOf(target)}`, signal)).trim();
        if (/^(Server deleted|No such server)/.test(answer)) return true;
        if (/cannot be removed at runtime|Only servers added/i.test(answer)) {
          pinned.add(serverOf(target));
          return true;
        }
        if (!answer.startsWith("Server still has connections")) throw refused(target, "del server", answer);
        await ask(`shutdown sessions server ${serverOf(target)}`, signal);
        return false;
      },
      () => refused(target, "del server", "the server still has connections"),
      signal,
    );
  }

  async function add(target: Target, signal: AbortSignal): Promise<void> {
    const address = target.address.includes(":") ? `[${target.address}]` : target.address;
    const command = `add server ${serverOf(target)} ${address}:${target.port} ${checkOptions}`;
    await send(command, target, /^New server registered/, signal);
  }

  return {
    async check(target, signal) {
      await observeAll(target, signal);
    },

    async observe(target, signal) {
      const server = await observe(target, signal);
      if (server?.maintenance === true && pinned.has(serverOf(target))) return { kind: "absent" };
      return stateOf(server, target);
    },

    /**
     * The detour by `drain` makes UP reliable: a server that goes from maintenance to ready counts as UP, and gets
     * traffic, until its first check fails; one that goes from drain to ready keeps the result of its checks.
     */
    async register(target, signal) {
      let server = await observe(target, signal);
      const unusable = server !== undefined && (server.status === "no check" || !sameAddress(server, target));
      if (unusable) {
        await remove(target, signal);
        server = undefined;
      }
      if (server === undefined) await add(target, signal);
      if (server === undefined || server.maintenance) await setState(target, "drain", signal);
      const answer = await ask(`enable health ${serverOf(target)}`, signal);
      // Added without `check` by another tool and still in maintenance, where that is not visible.
      if (answer.includes("not configured")) await remove(target, signal);
      if (answer.trim() !== "") throw refused(target, "enable health", answer);
      await until(
        target,
        verdictMs,
        async () => {
          const seen = await observe(target, signal);
          if (seen === undefined) throw forgotten(target);
          return seen.check !== "" && (checkPassed(seen) || seen.status === "DOWN");
        },
        () => noVerdict(target),
        signal,
      );
      await setState(target, "ready", signal);
    },

    async groupHealth(target, signal) {
      return fares(await observeAll(target, signal), target);
    },

    async drain(target, signal) {
      const server = await observe(target, signal);
      if (server === undefined || server.maintenance || server.draining) return;
      await setState(target, "drain", signal);
    },

    remove,
  };
}

function serverOf(target: Target): string {
  return `${wordOf(target.group)}/${wordOf(target.member)}`;
}

/** A space, a semicolon or a newline would end the argument and begin another command. */
function wordOf(name: string): string {
  if (/^[A-Za-z0-9_.:-]+$/.test(name)) return name;
  throw new MusterError({
    code: "register-group-invalid",
    message: `${JSON.stringify(name)} is no name that HAProxy can have`,
    hint: "Use letters, digits, dots, colons, dashes and underscores.",
  });
}

function groupMissing(target: Target): MusterError {
  return new MusterError({
    code: "balancer-group-missing",
    message: `HAProxy has no backend ${target.group}`,
    hint: `Add \`backend ${target.group}\` to HAProxy's configuration, or correct \`targetGroup\` in the catalogue.`,
    transient: true,
  });
}

function forgotten(target: Target): MusterError {
  return new MusterError({
    code: "balancer-forgot-target",
    message: `HAProxy forgot ${serverOf(target)} while it was being registered, as it does when it reloads`,
    hint: "See what reloads it: journalctl -u haproxy",
    transient: true,
  });
}

function noVerdict(target: Target): MusterError {
  return new MusterError({
    code: "balancer-no-verdict",
    message: `HAProxy did not finish a health check of ${serverOf(target)} within ${verdictMs / 1000} s`,
    hint: "Look at `timeout check` of the backend.",
    transient: true,
  });
}

function refused(target: Target, command: string, answer: string): MusterError {
  const said =
    answer
      .replaceAll(/[^\x20-\x7e]+/g, " ")
      .trim()
      .slice(0, 200) || "nothing";
  const denied = /permission denied|unknown command/i.test(said);
  return new MusterError({
    code: "balancer-refused",
    message: `HAProxy answered "${said}" to \`${command}\` for ${serverOf(target)}`,
    hint: denied
      ? "Its `stats socket` needs `level admin`."
      : "A reload may have been in between; look at HAProxy's log if it stays so.",
    // A reload or another administrator may have intervened.
    transient: !denied,
  });
}
