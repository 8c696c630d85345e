/** How often a check is made and what counts as passing. All times in milliseconds. */
export type CheckPacing = {
  /** From the end of one attempt to the start of the next. */
  readonly intervalMs: number;
  /** An attempt that takes longer has failed. */
  readonly timeoutMs: number;
  /** Passing attempts in a row that make a check healthy. */
  readonly rise: number;
  /** Failing attempts in a row that make a healthy check unhealthy. */
  readonly fall: number;
};

/** An amount that must be free: bytes, or a percentage of the whole. */
export type FreeAmount = { readonly bytes: number } | { readonly percent: number };

/** An argument list, or a shell line where the operator wrote one. */
export type CommandLine = { readonly argv: readonly [string, ...string[]] } | { readonly shell: string };

/** What is looked at; one member a kind of check. */
export type CheckTarget =
  | {
      readonly kind: "http";
      readonly url: string;
      readonly method: "GET" | "HEAD";
      readonly headers: Readonly<Record<string, string>>;
      readonly status: number;
      /** Text that the body must contain. */
      readonly contains?: string;
    }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unit"; readonly unit: string }
  | {
      readonly kind: "command";
      readonly run: CommandLine;
      readonly exit: number;
      readonly contains?: string;
    }
  | {
      readonly kind: "process";
      /** The name as in `/proc/PID/comm`, or the base name of the executable. */
      readonly name: string;
      readonly min: number;
      readonly max?: number;
    }
  | { readonly kind: "disk"; readonly path: string; readonly free: FreeAmount }
  | { readonly kind: "memory"; readonly available: FreeAmount }
  | { readonly kind: "mount"; readonly path: string; readonly type?: string }
  | {
      readonly kind: "file";
      readonly path: string;
      readonly contains?: string;
      /** Octal digits, as `0644`. */
      readonly mode?: string;
      readonly owner?: string;
    };

/** One health check of a role. */
export type Check = {
  /** Unique within the role; by default the kind and its subject, as `tcp 80`. */
  readonly name: string;
  readonly target: CheckTarget;
  readonly pacing: CheckPacing;
};

/** What one attempt at a check found. */
export type CheckResult =
  | { readonly ok: true; readonly seen: string }
  | { readonly ok: false; readonly expected: string; readonly seen: string };
