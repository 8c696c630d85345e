// The traffic of target groups, carried by a real HAProxy that follows what the groups say.
import type { Haproxy } from "../services/haproxy.ts";
import { waitFor } from "../wait.ts";
import type { Target } from "./target.ts";

export interface Traffic {
  /** Sends the group's traffic to these targets from now on. */
  follow(group: string, targets: readonly Target[]): void;
  /** Resolves once everything asked for so far is done; what HAProxy refused meanwhile, which is nothing while it runs. */
  settled(): Promise<readonly string[]>;
}

type Mode = "ready" | "drain" | "maint";

/**
 * @param groups names of target groups that are backends of this HAProxy; those of others are carried by nobody
 */
export function carryTraffic(haproxy: Haproxy, groups: readonly string[]): Traffic {
  let last: Promise<void> = Promise.resolve();
  const troubles: string[] = [];
  return {
    follow(group, targets) {
      if (!groups.includes(group)) return;
      const modes = modesOf(targets);
      // HAProxy may be down for a test: what it missed comes with the next change.
      last = last.then(() => send(haproxy, group, modes)).catch((error: unknown) => void troubles.push(String(error)));
    },
    async settled() {
      await last;
      return troubles.splice(0);
    },
  };
}

type Wanted = ReadonlyMap<string, { readonly target: Target; readonly mode: Mode }>;

/** Only healthy targets get anything, unless none is: then all that are registered do (the group fails open). */
function modesOf(targets: readonly Target[]): Wanted {
  const served = targets.filter((target) => target.health().state === "healthy");
  const failing = targets.filter((target) => target.health().state === "unhealthy");
  const open = served.length === 0 && targets.every((target) => target.health().state !== "initial") ? failing : [];
  const ready = new Set([...served, ...open]);
  return new Map(
    targets.map((target) => {
      const mode = ready.has(target) ? "ready" : target.health().state === "draining" ? "drain" : "maint";
      return [`${target.id}_${target.port}`, { target, mode }];
    }),
  );
}

async function send(haproxy: Haproxy, group: string, wanted: Wanted): Promise<void> {
  const servers = new Map((await haproxy.servers(group)).map((server) => [server.name, server]));
  for (const [name, { target, mode }] of wanted) {
    const server = servers.get(name);
    if (server === undefined && mode !== "ready") continue;
    if (server === undefined) await command(`add server ${group}/${name} ${target.address}:${target.port}`);
    await command(`set server ${group}/${name} state ${mode}`);
  }
  for (const name of servers.keys()) {
    if (wanted.has(name)) continue;
    await command(`set server ${group}/${name} state maint`);
    // The delay is over: what is still open is closed, as AWS does.
    await command(`shutdown sessions server ${group}/${name}`);
    await waitFor(() => command(`del server ${group}/${name}`).then(() => true), {
      what: `${name} is gone`,
      timeout: 3_000,
    });
  }

  async function command(text: string): Promise<void> {
    const answer = await haproxy.command(text);
    if (answer !== "" && !/^(New server registered|Server deleted)\.$/.test(answer))
      throw new Error(`${text}: ${answer}`);
  }
}
