import type { CommandIo } from "../../src/cli/command.ts";

/** A terminal in memory. */
export type FakeIo = CommandIo & {
  /** Everything on standard output. */
  stdout(): string;
  stderr(): string;
  /** Aborts as SIGINT does. */
  interrupt(): void;
  /** Lets time pass and everything happen that repeats, once. */
  tick(ms: number): void;
  /** What a person does to the window. */
  resize(columns: number): void;
  /** Ctrl-Z. */
  suspend(): void;
};

type Given = Partial<
  Pick<CommandIo, "isTty" | "columns" | "errColumns" | "canRedraw" | "color" | "unicode"> & { now: string }
>;

/** @param given by default a pipe without colour in a UTF-8 locale; a terminal has 80 columns */
export function createFakeIo(given: Given = {}): FakeIo {
  const out: string[] = [];
  const err: string[] = [];
  const repeated = new Set<() => void>();
  const ended = new AbortController();
  const suspending = new Set<() => void>();
  const { isTty = false, now: wallClock = "2026-01-01T00:03:00.000Z", ...abilities } = given;
  let { columns = isTty ? 80 : Infinity } = given;
  let now = 0;
  return {
    isTty,
    errColumns: isTty ? 80 : Infinity,
    canRedraw: isTty,
    color: false,
    unicode: true,
    ...abilities,
    get columns() {
      return columns;
    },
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    now: () => wallClock,
    monotonicMs: () => now,
    repeat(_everyMs, work) {
      repeated.add(work);
      return () => void repeated.delete(work);
    },
    beforeSuspend(work) {
      suspending.add(work);
      return () => void suspending.delete(work);
    },
    signal: ended.signal,
    stdout: () => out.join(""),
    stderr: () => err.join(""),
    interrupt: () => ended.abort(new Error("cancelled")),
    tick(ms) {
      now += ms;
      for (const work of repeated) work();
    },
    resize(toColumns) {
      columns = toColumns;
    },
    suspend() {
      for (const work of suspending) work();
    },
  };
}
