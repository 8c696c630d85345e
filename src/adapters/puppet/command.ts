import { join } from "node:path";
import type { StepOf } from "../../domain/role/role.ts";

/** The files that one Puppet run leaves for muster. */
export type RunPlaces = {
  /** Its environments: empty directories, so that no code of the host is used. */
  readonly environments: string;
  /** Counts and times, written by Puppet at the end of the run. */
  readonly summary: string;
  /** Every message as one line of JSON. */
  readonly messages: string;
  /** An empty Hiera configuration, for a step without one: otherwise Puppet reads the host's own. */
  readonly noHiera: string;
  /**
   * The compiled catalogue of a comparison, the only place that says what is `noop` in the code. Holds secrets: read
   * and removed.
   */
  readonly catalogues: string;
};

/** `compare` finds out what `apply` would change. */
export type PuppetMode = "apply" | "compare";

export function placesIn(directory: string): RunPlaces {
  return {
    environments: join(directory, "environments"),
    summary: join(directory, "summary.yaml"),
    messages: join(directory, "messages.jsonl"),
    noHiera: join(directory, "no-hiera.yaml"),
    catalogues: join(directory, "catalogues"),
  };
}

/**
 * The command line of a masterless run. Every option that affects the result is given here, so that a puppet.conf of
 * the image cannot change it; its other settings stay in force.
 * @param program absolute path of puppet
 * @param directory the worktree
 */
export function puppetCommand(
  program: string,
  step: StepOf<"puppet">,
  directory: string,
  places: RunPlaces,
  mode: PuppetMode,
): readonly [string, ...string[]] {
  const modules = step.modules.map((path) => join(directory, path));
  const hiera = step.hiera === undefined ? places.noHiera : join(directory, step.hiera);
  return [
    program,
    "apply",
    // Without it a failed resource exits with 0.
    "--detailed-exitcodes",
    ...decisive(places, mode),
    // Modules of the image (Debian packages some) come after the repo's own.
    `--modulepath=${[...modules, "$basemodulepath"].join(":")}`,
    `--hiera_config=${hiera}`,
    `--environmentpath=${places.environments}`,
    `--environment=${step.environment}`,
    "--node_terminus=plain",
    `--lastrunfile=${places.summary}`,
    "--logdest=console",
    `--logdest=${places.messages}`,
    "--color=false",
    // Report a resource before it is done: a package may take minutes.
    "--verbose",
    "--evaltrace",
    // A diff of a file may hold a secret.
    "--no-show_diff",
    join(directory, step.manifest),
  ];
}

/**
 * Options of puppet.conf that would change the result, by Puppet 7.23 and 8.10: `noop` and `tags` make every run look
 * converged (exit 0, everything skipped), a cached catalogue is applied in place of the commit's. The command line
 * overrides every section of puppet.conf; an empty value means none.
 */
function decisive(places: RunPlaces, mode: PuppetMode): readonly string[] {
  const code = ["--tags=", "--skip_tags=", "--catalog_terminus=compiler"];
  if (mode === "apply") return ["--no-noop", ...code, "--catalog_cache_terminus="];
  return ["--noop", ...code, "--catalog_cache_terminus=json", `--client_datadir=${places.catalogues}`];
}
