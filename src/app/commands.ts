// Every command, each loaded with what it alone needs: `muster status` pays for nothing else.
import type { Command, CommandIo } from "../cli/command.ts";
import type { PauseDeps } from "../cli/commands/pause.ts";
import type { Program } from "../cli/program.ts";
import type { TagDeps } from "../cli/commands/tag.ts";
import type { LeavePlan, LeaveReason } from "../domain/membership/leave-plan.ts";
import type { StatusReport } from "../domain/instance/status.ts";
import type { Agent } from "../ports/agent.ts";
import type { ExplainInput } from "../views/explain/input.ts";

/** What commands take of the process that they run in. */
export type CommandProcess = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts on SIGINT and SIGTERM. */
  readonly ended: AbortSignal;
  /** Aborts when nobody reads standard output any more. */
  readonly unread: AbortSignal;
  /** The wall clock, ISO 8601. */
  readonly now: () => string;
};

export function commandsOf({ env, ended, unread, now }: CommandProcess): Program["commands"] {
  async function readStatus(): Promise<StatusReport> {
    const [query, { machineView }] = await Promise.all([import("../queries/status.ts"), import("./machine-view.ts")]);
    return query.readStatus(machineView(), now());
  }

  async function reach(): Promise<Agent> {
    return (await import("./reach.ts")).reachDaemon(ended);
  }

  async function plan(as: LeaveReason, signal: AbortSignal): Promise<LeavePlan> {
    return (await import("./leave-plan.ts")).leavePlanHere(as, env, signal);
  }

  async function tags(): ReturnType<TagDeps["connect"]> {
    return (await import("./tags.ts")).connectTags(env, () => undefined);
  }

  async function pauses(): Promise<PauseDeps> {
    return (await import("./pauses.ts")).pauseDeps(loginName(env));
  }

  return {
    daemon: async () => (await import("../cli/commands/daemon.ts")).daemonCommand({ serve, reload }),
    run: async () => (await import("../cli/commands/run.ts")).runCommand({ connect }),
    status: async () =>
      (await import("../cli/commands/status.ts")).statusCommand({ read: readStatus, connect: reach, wait: waitForEnd }),
    explain: async () => (await import("../cli/commands/explain.ts")).explainCommand({ observe: look }),
    logs: async () =>
      (await import("../cli/commands/logs.ts")).logsCommand((await import("./records.ts")).logsDeps(unread)),
    runs: async () => (await import("../cli/commands/runs.ts")).runsCommand((await import("./records.ts")).runsDeps()),
    timeline: async () =>
      (await import("../cli/commands/timeline.ts")).timelineCommand((await import("./records.ts")).timelineDeps()),
    bundle: async () =>
      (await import("../cli/commands/bundle.ts")).bundleCommand((await import("./bundle.ts")).bundleDeps()),
    cancel: async () => (await import("../cli/commands/cancel.ts")).cancelCommand({ connect, who: loginName(env) }),
    drain: async () =>
      (await import("../cli/commands/membership.ts")).drainCommand({ connect, plan, who: loginName(env) }),
    join: async () => (await import("../cli/commands/membership.ts")).joinCommand({ connect, who: loginName(env) }),
    tag: async () => (await import("../cli/commands/tag.ts")).tagCommand({ connect: tags }),
    pause: async () => (await import("../cli/commands/pause.ts")).pauseCommand(await pauses()),
    resume: async () => (await import("../cli/commands/pause.ts")).resumeCommand(await pauses()),
    check: loadCheck,
    schema: async () => (await import("../cli/commands/schema.ts")).schema,
  };
}

/** The login name of the user who asks, also behind sudo. */
function loginName(env: CommandProcess["env"]): string {
  return env["SUDO_USER"] ?? env["LOGNAME"] ?? "root";
}

async function serve(signal: AbortSignal): Promise<void> {
  await (await import("./daemon.ts")).serve(signal);
}

async function reload(signal: AbortSignal): Promise<"in-force" | "later"> {
  return (await import("./reload.ts")).reloadHere(signal);
}

async function connect(): Promise<Agent> {
  return (await import("./connect.ts")).connect();
}

async function look(now: string): Promise<ExplainInput> {
  return (await import("./explain.ts")).explainHere(now);
}

async function waitForEnd(agent: Agent, io: CommandIo, verbose: boolean): Promise<StatusReport | undefined> {
  const [wait, { startedByCloudInit }] = await Promise.all([
    import("../cli/commands/wait.ts"),
    import("../adapters/host/cloud-init-ancestor.ts"),
  ]);
  return wait.waitForEnd(agent, io, verbose, startedByCloudInit);
}

async function loadCheck(): Promise<Command> {
  const [{ checkCommand }, files, { whoElseWrites }, { orderedAfter }, { heldContent }] = await Promise.all([
    import("../cli/commands/check.ts"),
    import("../adapters/host/settings-files.ts"),
    import("../adapters/host/guarded-file.ts"),
    import("../adapters/systemd/ordered-after.ts"),
    import("../adapters/git/checkout.ts"),
  ]);
  const { readSettingsFiles, readTextFile, kindOf } = files;
  return checkCommand({
    // All that is wrong is told at once, and not the first file that others may change.
    readSettings: (file, directory) => readSettingsFiles(file, directory, () => undefined),
    whoElseWrites,
    readText: readTextFile,
    kindOf,
    orderedAfter,
    heldContent,
  });
}
