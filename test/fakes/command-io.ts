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
};

/** @param given by default a pipe of 80 columns without colour */
export function createFakeIo(given: Partial<Pick<CommandIo, "isTty" | "columns" | "color">> = {}): FakeIo {
  const out: string[] = [];
  const err: string[] = [];
  const repeated = new Set<() => void>();
  const ended = new AbortController();
  let now = 0;
  return {
    isTty: false,
    columns: 80,
    color: false,
    ...given,
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    monotonicMs: () => now,
    repeat(_everyMs, work) {
      repeated.add(work);
      return () => void repeated.delete(work);
    },
    signal: ended.signal,
    stdout: () => out.join(""),
    stderr: () => err.join(""),
    interrupt: () => ended.abort(new Error("cancelled")),
    tick(ms) {
      now += ms;
      for (const work of repeated) work();
    },
  };
}
