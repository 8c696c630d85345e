/** What a command may touch of the terminal. */
export type CommandIo = {
  /** To standard output; the text brings its own line ends. */
  out(text: string): void;
  /** To standard error. */
  err(text: string): void;
  /** Whether standard output is a terminal that can move its cursor. */
  readonly isTty: boolean;
  readonly columns: number;
  readonly color: boolean;
  /** Milliseconds that never go back, for elapsed times. */
  monotonicMs(): number;
  /** Calls `work` again and again; returns how to end that. */
  repeat(everyMs: number, work: () => void): () => void;
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
