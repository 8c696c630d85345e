import { Command as Commander, CommanderError } from "commander";
import { isUsage } from "../domain/errors/code-kinds.ts";
import { MusterError } from "../domain/errors/errors.ts";
import { interrupted, noAnswer, waitsForItself, type Command, type CommandInput, type CommandIo } from "./command.ts";
import { printError } from "./terminal/print-error.ts";

export type Program = {
  readonly version: string;
  /** How to load each command: only the requested one is loaded. */
  readonly commands: Readonly<Record<string, () => Promise<Command>>>;
};

const usage = 2;

/** Parses the arguments, runs the command, prints errors; returns the exit status. */
export async function runProgram(program: Program, argv: readonly string[], io: CommandIo): Promise<number> {
  const commander = newCommander("muster", io)
    .description("Takes a bare instance to in service, and keeps it there.")
    .version(program.version, "-V, --version", "print version and commit")
    .helpCommand(false);
  let status: number | undefined;
  for (const command of await wanted(program, argv)) {
    commander.addCommand(
      toCommander(command, io, async (input) => {
        status = await command.run(input, io);
      }),
    );
  }
  try {
    await commander.parseAsync([...argv], { from: "user" });
    return status ?? usage;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usage;
    if (io.signal.aborted && error === io.signal.reason) return interrupted;
    printError(error, io);
    return statusOf(error);
  }
}

async function wanted(program: Program, argv: readonly string[]): Promise<readonly Command[]> {
  // These arguments need no command to be loaded.
  if (argv[0] === "--version" || argv[0] === "-V") return [];
  const name = argv.find((word) => !word.startsWith("-"));
  const load = name !== undefined && Object.hasOwn(program.commands, name) ? program.commands[name] : undefined;
  if (load !== undefined) return [await load()];
  return Promise.all(Object.values(program.commands).map((each) => each()));
}

function toCommander(command: Command, io: CommandIo, run: (input: CommandInput) => Promise<void>): Commander {
  const made = newCommander(command.name, io).description(
    command.details === undefined ? command.summary : `${command.summary}\n\n${paragraphs(command.details)}`,
  );
  made.summary(command.summary);
  for (const { name, summary, variadic, optional } of command.arguments ?? []) {
    const word = variadic === true ? `${name}...` : name;
    made.argument(optional === true || variadic === true ? `[${word}]` : `<${word}>`, summary);
  }
  for (const { flags, summary } of command.options ?? []) made.option(flags, summary);
  made.action(async () => {
    await run({ args: made.args, options: made.opts() });
  });
  return made;
}

function newCommander(name: string, io: CommandIo): Commander {
  return new Commander(name)
    .exitOverride()
    .allowExcessArguments(false)
    .configureHelp({ minWidthToWrap: 10, subcommandTerm: (command) => command.name() })
    .configureOutput({
      writeOut: (text) => io.out(text),
      writeErr: (text) => io.err(text),
      getOutHelpWidth: () => helpWidth(io.columns),
      getErrHelpWidth: () => helpWidth(io.errColumns),
    });
}

/** Help has a fixed width: longer lines are harder to read, and a pipe gets the same text. */
function helpWidth(columns: number): number {
  return Math.min(columns, 80);
}

/** Lines of a paragraph are joined; indented lines stay as they are. */
function paragraphs(details: string): string {
  return details.replaceAll(/(?<=\S)\n(?=\S)/g, " ");
}

/** Errors of settings count as usage; a lock that is held past the wait has the exit status of EX_TEMPFAIL. */
function statusOf(error: unknown): number {
  if (!(error instanceof MusterError)) return 1;
  if (error.code === "lock-held") return 75;
  if (error.code === "cloud-init-waits") return waitsForItself;
  if (error.code === "daemon-silent" || error.code === "daemon-unreachable") return noAnswer;
  return isUsage(error.code) ? usage : 1;
}
