import { programPath, programs } from "../../domain/settings/paths.ts";

/** The properties of a transient service, besides those of all of them. */
export type Transient = {
  /** Its name, without `.service`. */
  readonly unit: string;
  /** The name in systemctl and the journal. Never an argument of the command: every user may read it. */
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
  // Unloads it once it is over, so that only its mark remains.
  CollectMode: "inactive-or-failed",
  // Background processes of the command live on; the end script (end-script.ts) kills them if it must.
  KillMode: "process",
  // muster judges the exit. To systemd none is a failure: a failed unit with a background process would be listed as
  // failed as long as that runs.
  SuccessExitStatus: anyExit,
  StandardInput: "null",
  WorkingDirectory: "/",
  // Maintainer scripts, engines and operators' commands expect the environment of a shell.
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
    // systemd would insert variables of its own: a dollar sign is written twice (systemd.service(5)).
    ...argv.map((arg) => arg.replaceAll("$", "$$$$")),
  ];
}

/** A time span as systemd reads it. */
export function milliseconds(ms: number): string {
  return `${Math.max(1, Math.round(ms))}ms`;
}
