import { MusterError } from "../../domain/errors/errors.ts";
import { formatSize } from "../../domain/text/units.ts";

// Bounds of a command, for execa and for simple-git alike: its time, the signal of its caller, and its output.

export type Bounds = {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** How much each stream may hold, in bytes. A command that prints more is stopped, which is an error. */
  readonly maxBytes?: number;
  /**
   * The beginning of each stream is enough: what is over `maxBytes` is read and dropped, the command runs to its end,
   * and the result says `cut`. Only for callers that look for no end, no last line and no absence of words.
   */
  readonly beginning?: true;
};

/** How a command ended. One that cannot be started is `missing`. */
export type BoundedResult = {
  readonly outcome: "exited" | "killed" | "timed-out" | "missing";
  /** The exit code when `exited`, else -1. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** A stream held more than is here. Only where the caller asked for the beginning. */
  readonly cut?: true;
};

/** What a command prints: a stream of Node, also where a library does not say that it can be destroyed. */
type Output = NodeJS.ReadableStream & { destroy?(): unknown };

type EarlyEnd = "timed-out" | "aborted" | "overflowed";

const usualMaxBytes = 16 * 1024 * 1024;

/**
 * Bounds one command. Its time runs from here.
 * @param stop ends the command; called at most once. Nothing is waited for afterwards: neither the process, nor a pipe
 *   that some other process holds
 */
export function boundOf(request: Bounds, command: string, stop: () => void) {
  const { signal, timeoutMs, maxBytes = usualMaxBytes, beginning } = request;
  const { promise: early, resolve } = Promise.withResolvers<EarlyEnd>();
  const kept: Kept[] = [];
  let isOver = false;
  function end(why: EarlyEnd): void {
    if (isOver) return;
    isOver = true;
    stop();
    for (const { stream } of kept) stream.destroy?.();
    resolve(why);
  }
  const onAbort = () => end("aborted");
  const onOverflow = () => (beginning === true ? undefined : end("overflowed"));
  const timer = setTimeout(() => end("timed-out"), timeoutMs);
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  return {
    /** Reads the command's output and keeps what may be kept of it. */
    keep(...streams: readonly Output[]): void {
      kept.push(...streams.map((stream) => keep(stream, maxBytes, onOverflow)));
      if (isOver) for (const stream of streams) stream.destroy?.();
    },
    /** @throws as `exec`, and what `ended` throws */
    async resultOf(ended: Promise<Pick<BoundedResult, "outcome" | "code">>): Promise<BoundedResult> {
      try {
        const winner = await Promise.race([ended, early]);
        if (winner === "aborted") throw signal.reason;
        if (winner === "timed-out") return { outcome: winner, code: -1, stdout: "", stderr: "" };
        if (winner === "overflowed") throw tooMuch(command, maxBytes);
        const [stdout = "", stderr = ""] = kept.map(({ text }) => text());
        const cut = kept.some(({ isCut }) => isCut());
        return { ...winner, stdout, stderr, ...(cut ? { cut } : {}) };
      } finally {
        clearTimeout(timer);
        signal.removeEventListener("abort", onAbort);
      }
    },
  };
}

type Kept = { readonly stream: Output; readonly text: () => string; readonly isCut: () => boolean };

/** Reads a stream to its end and keeps the beginning; says when there is more. */
function keep(stream: Output, maxBytes: number, onOverflow: () => void): Kept {
  const chunks: Buffer[] = [];
  let room = maxBytes;
  stream.on("data", (chunk: Buffer) => {
    if (room > 0) chunks.push(chunk.subarray(0, room));
    room -= chunk.length;
    if (room < 0) onOverflow();
  });
  // A broken pipe of a command that was stopped is no news.
  stream.on("error", () => undefined);
  return { stream, text: () => Buffer.concat(chunks).toString("utf8"), isCut: () => room < 0 };
}

function tooMuch(command: string, maxBytes: number): MusterError {
  return new MusterError({
    code: "command-output-too-large",
    message: `"${command}" printed more than ${formatSize(maxBytes)} and was stopped: a part of it could be taken for the whole`,
    hint: "Run the command by hand and see what it prints so much of.",
    transient: true,
  });
}
