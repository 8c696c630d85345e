import { programPath, programs } from "../../domain/paths.ts";

/** What a transient service is made of, besides what is the same for all of them. */
export type Transient = {
  /** Its name, without `.service`. */
  readonly unit: string;
  /** What systemctl and the journal call it. Never an argument of the command: anybody may read it. */
  readonly description: string;
  readonly argv: readonly [string, ...string[]];
  /** Added to a fixed minimal environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly properties: Readonly<Record<string, string>>;
};

const anyExit = Array.from({ length: 255 }, (_, at) => at + 1).join(" ");

/** The same for every transient service. */
const common = {
  Slice: "system.slice",
  // Unloads it once it is over, so that nothing but its mark remains.
  CollectMode: "inactive-or-failed",
  // What the command leaves in the background lives on; the end script (end-script.ts) ends it where it must not.
  KillMode: "process",
  // The exit is judged here. To systemd none is a failure: a failed unit that something was left running in would be
  // listed as failed for as long as that runs.
  SuccessExitStatus: anyExit,
  StandardInput: "null",
  WorkingDirectory: "/",
  // Maintainer scripts, engines and operators' commands expect what a shell gives them.
  IgnoreSIGPIPE: "no",
} as const;

/** The command line that starts a transient service, outside the sandbox of the caller. */
export function systemdRun({ unit, description, argv, env, properties }: Transient): readonly [string, ...string[]] {
  const environment = { PATH: programPath, LC_ALL: "C.UTF-8", HOME: "/root", ...env };
  return [
    programs.systemdRun,
    "--quiet",
    `--unit=${unit}`,
    `--description=${description}`,
    "--service-type=exec",
    ...Object.entries({ ...common, ...properties }).map(([name, value]) => `--property=${name}=${value}`),
    ...Object.entries(environment).map(([name, value]) => `--setenv=${name}=${value}`),
    "--",
    // systemd would put variables of its own in: a dollar sign is written twice (systemd.service(5)).
    ...argv.map((arg) => arg.replaceAll("$", "$$$$")),
  ];
}

/** A time span as systemd reads it. */
export function milliseconds(ms: number): string {
  return `${Math.max(1, Math.round(ms))}ms`;
}
