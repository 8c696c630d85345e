import { join } from "node:path";
import type { PuppetStep } from "../../domain/role.ts";

/** Where one Puppet run leaves what muster reads afterwards. */
export type RunPlaces = {
  /** Its environments: directories that hold nothing, so that no code of the host gets in. */
  readonly environments: string;
  /** Counts and times, written by Puppet at the end of the run. */
  readonly summary: string;
  /** Every message as one line of JSON. */
  readonly messages: string;
  /** An empty Hiera configuration, for a step without one: else Puppet reads the host's own. */
  readonly noHiera: string;
};

/** `compare` finds out what `apply` would change. */
export type PuppetMode = "apply" | "compare";

export function placesIn(directory: string): RunPlaces {
  return {
    environments: join(directory, "environments"),
    summary: join(directory, "summary.yaml"),
    messages: join(directory, "messages.jsonl"),
    noHiera: join(directory, "no-hiera.yaml"),
  };
}

/**
 * The command line of a masterless run. Whatever the result depends on is said here, so that a puppet.conf
 * of the image cannot change it; its other settings stay in force.
 * @param program absolute path of puppet
 * @param directory the worktree
 */
export function puppetCommand(
  program: string,
  step: PuppetStep,
  directory: string,
  places: RunPlaces,
  mode: PuppetMode,
): readonly [string, ...string[]] {
  const modules = step.modules.map((path) => join(directory, path));
  const hiera = step.hiera === undefined ? places.noHiera : join(directory, step.hiera);
  return [
    program,
    "apply",
    // Without it a failed resource exits 0.
    "--detailed-exitcodes",
    // A noop in puppet.conf would make every run look converged.
    mode === "apply" ? "--no-noop" : "--noop",
    // What the image has installed (Debian packages modules) comes after what the repo vendors.
    `--modulepath=${[...modules, "$basemodulepath"].join(":")}`,
    `--hiera_config=${hiera}`,
    `--environmentpath=${places.environments}`,
    `--environment=${step.environment}`,
    "--node_terminus=plain",
    `--lastrunfile=${places.summary}`,
    "--logdest=console",
    `--logdest=${places.messages}`,
    "--color=false",
    // Which resource is being worked on, before it is done: a package may take minutes.
    "--verbose",
    "--evaltrace",
    // A diff of a file may hold a secret.
    "--no-show_diff",
    join(directory, step.manifest),
  ];
}
