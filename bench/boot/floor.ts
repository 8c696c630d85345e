// The floor: the commands that a muster boot ran, with the same arguments, as early as their order allows.
import type { Metered } from "./meter.ts";

const state = "/var/lib/muster";

/**
 * A script that runs what was recorded. A command waits for those that had ended when it began, and for nothing
 * else: that is the critical path. What muster does between them (it moves the fetched repo and the worktree to their
 * places, and writes the fact) is done here too, beforehand where that is possible.
 */
export function floorScript(recorded: readonly Metered[], commit: string): string {
  const inOrder = recorded.toSorted((a, b) => a.begin - b.begin);
  const moves = [
    { needs: `--git-dir=${state}/config.git'`, line: `mv ${state}/config.git.new ${state}/config.git` },
    {
      needs: `${state}/worktrees/${commit}/`,
      line: `mv ${state}/worktrees/.new-${commit} ${state}/worktrees/${commit}`,
    },
  ];
  const lines = inOrder.map((command, index) => {
    const before = inOrder.flatMap(({ end }, other) => (end <= command.begin ? [`$pid${other}`] : []));
    const due = moves.findIndex(({ needs }) => command.line.includes(needs));
    const [move] = due === -1 ? [] : moves.splice(due, 1);
    return [
      before.length === 0 ? "" : `ended ${before.join(" ")}\n`,
      move === undefined ? "" : `${move.line}\n`,
      `${command.line} & pid${index}=$!\n`,
    ].join("");
  });
  return `#!/bin/bash\n${beforehand(inOrder, commit)}${lines.join("")}wait\n`;
}

function beforehand(recorded: readonly Metered[], commit: string): string {
  const environments = recorded.flatMap(({ line }) => /--environmentpath=([^']*)/.exec(line)?.[1] ?? []);
  const directories = [`${state}/worktrees/.new-${commit}/tree`, ...environments.map((path) => `${path}/production`)];
  return [
    ". /etc/by-hand.conf",
    "export DEBIAN_FRONTEND=noninteractive",
    // A status of its own is a command's own business: 2 of Puppet says that it changed something.
    'ended() { for pid in "$@"; do wait "$pid"; done; }',
    `mkdir -p ${directories.join(" ")} /etc/facter/facts.d`,
    'printf %s "$FACT" >/etc/facter/facts.d/muster.json',
    "",
  ].join("\n");
}
