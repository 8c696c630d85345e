// Standard output and standard error of this process, as commands use them.
import { isatty, type WriteStream } from "node:tty";
import type { CommandIo } from "../cli/command.ts";
import { printError } from "../cli/terminal/print-error.ts";
import { abilitiesOf, asciiOnly } from "../cli/terminal/terminal.ts";
import { MusterError } from "../domain/errors/errors.ts";

/**
 * @param ended aborts on SIGINT and SIGTERM
 * @param onUnwritten called once, after the error is printed, when a full disk or the like did not take the output;
 *   absent for the daemon, whose output is its log: it goes on
 */
export function createTerminal(ended: AbortSignal, onUnwritten?: () => void): CommandIo {
  const { stdout, stderr } = process;
  const abilities = abilitiesOf(process.env, isatty(stdout.fd));
  const io: CommandIo = {
    ...abilities,
    out: writerTo(stdout, abilities.unicode),
    err: writerTo(stderr, abilities.unicode),
    get columns() {
      return columnsOf(stdout);
    },
    get errColumns() {
      return columnsOf(stderr);
    },
    now: () => new Date().toISOString(),
    monotonicMs: () => performance.now(),
    repeat(everyMs, work) {
      const timer = setInterval(work, everyMs);
      return () => clearInterval(timer);
    },
    beforeSuspend,
    signal: ended,
  };
  let isSaid = false;
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    const isReaderGone = stdout.isTTY || error.code === "EPIPE" || error.code === "ECONNRESET";
    if (isReaderGone || isSaid || onUnwritten === undefined) return;
    isSaid = true;
    printError(unwritten(error), io);
    onUnwritten();
  });
  return io;
}

function unwritten(error: Error): MusterError {
  return new MusterError({
    code: "output-failed",
    message: `Cannot write the output: ${error.message}`,
    hint: "Make room where standard output goes, or send it elsewhere. What was asked for was done all the same.",
    cause: error,
  });
}

function writerTo(stream: WriteStream, unicode: boolean): (text: string) => void {
  // The reader has gone: write nothing more, and go on with the work.
  stream.on("error", () => undefined);
  return (text) => void stream.write(stream.isTTY && !unicode ? asciiOnly(text) : text);
}

function columnsOf(stream: WriteStream): number {
  if (!stream.isTTY) return Infinity;
  // A terminal that was never told its own size says 0.
  return stream.columns || 80;
}

/** Stops by the signal's own doing: where nobody could wake us up again, the kernel knows and does nothing. */
function beforeSuspend(work: () => void): () => void {
  function suspend(): void {
    work();
    process.off("SIGTSTP", suspend);
    process.kill(process.pid, "SIGTSTP");
    process.on("SIGTSTP", suspend);
  }
  process.on("SIGTSTP", suspend);
  return () => void process.off("SIGTSTP", suspend);
}
