/** The terminal as a command sees it. */
export type CommandIo = {
  /** To standard output; the text brings its own line ends. */
  out(text: string): void;
  /** To standard error. */
  err(text: string): void;
  /** Whether standard output is a terminal: then a person reads, and wide lines are cut or wrapped. */
  readonly isTty: boolean;
  /**
   * The present width of standard output in columns: terminals are resized. Infinity for a pipe or a file, where lines
   * are not cut.
   */
  readonly columns: number;
  /** The same of standard error. */
  readonly errColumns: number;
  /** Whether a line can be drawn again in place: a terminal that is not dumb. */
  readonly canRedraw: boolean;
  readonly color: boolean;
  /** Whether the locale is UTF-8; otherwise marks and bars are ASCII: see `marks` of a Style. */
  readonly unicode: boolean;
  /** The wall clock, ISO 8601, UTC: to show how long ago an event was. */
  now(): string;
  /** Milliseconds that never go back, for elapsed times. */
  monotonicMs(): number;
  /** Calls `work` repeatedly; returns a function that ends it. */
  repeat(everyMs: number, work: () => void): () => void;
  /** Calls `work` when Ctrl-Z is about to give the terminal to another process; returns a function that ends it. */
  beforeSuspend(work: () => void): () => void;
  /** Aborts on SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
};

export type CommandInput = {
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
};

/** A command is one object: its name, its arguments, its function. */
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
  /** In commander's form: `--ref <ref>`. */
  readonly options?: readonly { readonly flags: string; readonly summary: string }[];
  /** @returns the exit status */
  run(input: CommandInput, io: CommandIo): Promise<number>;
};

/** The exit status if the daemon does not answer: the output, if any, is the last known state. */
export const noAnswer = 5;

/** The exit status of a wait that would never end: both sides would wait for each other. */
export const waitsForItself = 6;

/** The exit status after Ctrl-C or SIGTERM: 128 + SIGINT, as shells use it. */
export const interrupted = 130;
