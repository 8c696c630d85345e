// How often Puppet was started, and whether two ran side by side, whoever started them.
import type { Instance } from "../../lab/instance.ts";
import type { Files } from "../../lab/machine/root.ts";

const book = "/var/log/puppet-runs";

/** Stands in front of the image's own puppet, in the directory that muster looks into first. */
export const countingPuppet: Files = {
  // What an image may say, and what must not decide: with these alone Puppet ends well and has changed nothing.
  "/etc/puppet/puppet.conf": [
    "[main]",
    "tags = nothing",
    "noop = true",
    "catalog_cache_terminus = json",
    "[user]",
    "skip_tags = page",
    "",
  ].join("\n"),
  "/opt/puppetlabs/bin/puppet": {
    mode: 0o755,
    content: [
      "#!/bin/sh",
      `[ "$1" = apply ] && echo "begin $$" >> ${book}`,
      '/usr/bin/puppet "$@"',
      "code=$?",
      `[ "$1" = apply ] && echo "end $$ $code" >> ${book}`,
      "exit $code",
      "",
    ].join("\n"),
  },
};

export interface PuppetRuns {
  begun: number;
  /** Exit statuses, in order of their ends. */
  ended: number[];
  /** The most that ran at the same time. A run that never ended (a power cut) counts as running. */
  atOnce: number;
}

export async function puppetRuns(instance: Instance): Promise<PuppetRuns> {
  const { stdout } = await instance.exec(`cat ${book} 2>/dev/null`, { check: false });
  const runs: PuppetRuns = { begun: 0, ended: [], atOnce: 0 };
  for (const line of stdout.split("\n")) {
    const [word, , code] = line.split(" ");
    if (word === "begin") runs.begun += 1;
    if (word === "end") runs.ended.push(Number(code));
    runs.atOnce = Math.max(runs.atOnce, runs.begun - runs.ended.length);
  }
  return runs;
}
