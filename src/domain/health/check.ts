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

/**
 * What each kind of check looks at. A new kind is one member here; the compiler then asks for its schema (src/settings),
 * its place in the journal (src/stages/config) and its probe (src/adapters/host/prober).
 */
type Targets = {
  readonly http: {
    readonly url: string;
    readonly method: "GET" | "HEAD";
    readonly headers: Readonly<Record<string, string>>;
    readonly status: number;
    /** Text that the body must contain. */
    readonly contains?: string;
  };
  readonly tcp: { readonly host: string; readonly port: number };
  readonly unit: { readonly unit: string };
  readonly command: {
    readonly run: CommandLine;
    readonly exit: number;
    readonly contains?: string;
  };
  readonly process: {
    /** The name as in `/proc/PID/comm`, or the base name of the executable. */
    readonly name: string;
    readonly min: number;
    readonly max?: number;
  };
  readonly disk: { readonly path: string; readonly free: FreeAmount };
  readonly memory: { readonly available: FreeAmount };
  readonly mount: { readonly path: string; readonly type?: string };
  readonly file: {
    readonly path: string;
    readonly contains?: string;
    /** Octal digits, as `0644`. */
    readonly mode?: string;
    readonly owner?: string;
  };
};

export type CheckKind = keyof Targets;

/** The target of a check: of any kind, or of one. */
export type CheckTarget<Kind extends CheckKind = CheckKind> = {
  [K in Kind]: { readonly kind: K } & Targets[K];
}[Kind];

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
