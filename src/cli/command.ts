/** What a command may touch of the terminal. */
export type CommandIo = {
  /** To standard output; the text brings its own line ends. */
  out(text: string): void;
  /** To standard error. */
  err(text: string): void;
  /** Whether standard output is a terminal: a person reads, and what is wider than it is cut or wrapped. */
  readonly isTty: boolean;
  /** Columns of standard output at this moment: people resize terminals. Infinity for a pipe or a file, where nothing is cut. */
  readonly columns: number;
  /** The same of standard error. */
  readonly errColumns: number;
  /** Whether a line can be drawn again in place: a terminal that is not dumb. */
  readonly canRedraw: boolean;
  readonly color: boolean;
  /** Whether the locale is UTF-8; otherwise marks and bars are ASCII: see `marks` of a Style. */
  readonly unicode: boolean;
  /** The wall clock, ISO 8601, UTC: for how long ago something was. */
  now(): string;
  /** Milliseconds that never go back, for elapsed times. */
  monotonicMs(): number;
  /** Calls `work` again and again; returns how to end that. */
  repeat(everyMs: number, work: () => void): () => void;
  /** Calls `work` when Ctrl-Z is about to give the terminal to somebody else; returns how to end that. */
  beforeSuspend(work: () => void): () => void;
  /** Aborts on SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
};

export type CommandInput = {
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
};

/** A command is one object: what it is called, what it takes, what it does. */
export type Command = {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** More for `--help`. */
  readonly details?: string;
  readonly arguments?: readonly {
    readonly name: string;
    readonly summary: string;
    readonly variadic?: boolean;
    readonly optional?: boolean;
  }[];
  /** As commander writes them: `--ref <ref>`. */
  readonly options?: readonly { readonly flags: string; readonly summary: string }[];
  /** @returns the exit status */
  run(input: CommandInput, io: CommandIo): Promise<number>;
};

/** The exit status where the daemon does not answer: what is told, if anything, is what was known last. */
export const noAnswer = 5;

/** The exit status of a wait that would never end: what is waited for waits for this command. */
export const waitsForItself = 6;

/** The exit status of what Ctrl-C or SIGTERM ended: 128 + SIGINT, as shells have it. */
export const interrupted = 130;
