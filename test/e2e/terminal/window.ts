// A window: the command runs under a pseudo-terminal of the kernel, what it writes is carried out by a terminal, and
// the screen is what a person sees.
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { createScreen } from "../../fakes/screen.ts";
import { run } from "../../lab/run.ts";
import { waitFor } from "../../lab/wait.ts";

export const binary = join(import.meta.dirname, "../../../dist/muster");

export interface Window extends AsyncDisposable {
  /** What is there and what was scrolled away; without what differs from time to time: see `timeless`. */
  text: () => string;
  /** The same with colours. */
  painted: () => string;
  /** The lines that were wider than the terminal, so that it broke them itself. */
  wrapped: () => readonly string[];
  /** Waits until the screen shows this. */
  shows: (what: string | RegExp) => Promise<void>;
  press: (keys: string) => void;
  /** As a person pulls the window: the terminal wraps its lines anew, then the program is told. */
  resize: (columns: number, rows: number) => Promise<void>;
  signal: (name: NodeJS.Signals) => Promise<void>;
  /** The exit status of the command. */
  ended: () => Promise<number>;
  running: () => boolean;
}

export interface WindowOptions {
  columns?: number;
  rows?: number;
  env?: Record<string, string>;
  /** Where the command finds its state and control socket. */
  directory: string;
}

const deadline = 20_000;

/** A UTF-8 terminal with colours. */
const usual = { TERM: "xterm-256color", LANG: "C.UTF-8" };

/** Sees its own state and control socket where the real ones are. */
const ownState = [
  "mount -t tmpfs tmpfs /var/lib && mkdir -p /var/lib/muster /run/muster",
  'mount --bind "$1/lib" /var/lib/muster && mount --bind "$1/run" /run/muster',
].join(" && ");

export async function openWindow(command: string, options: WindowOptions): Promise<Window> {
  const { columns = 80, rows = 24, env = {}, directory } = options;
  const screen = createScreen(columns, rows);
  const environment = Object.entries({ PATH: process.env["PATH"] ?? "", HOME: "/root", ...usual, ...env });
  const variables = environment.map(([name, value]) => `'${name}=${value}'`).join(" ");
  const inside = `stty cols ${columns} rows ${rows}; tty > ${directory}/tty; exec env -i ${variables} ${command}`;
  const child = spawn(
    "unshare",
    ["--mount", "sh", "-c", `${ownState} && exec script -qefc "$2" -E always /dev/null`, "sh", directory, inside],
    { stdio: "pipe", env: { ...process.env, SHELL: "/bin/sh" } },
  );
  const exit = new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? -1));
  });
  child.stdin.on("error", () => undefined);
  let carriedOut = Promise.resolve();
  function carryOut(text: string): void {
    carriedOut = screen.write(text);
  }
  child.stdout.setEncoding("utf8").on("data", carryOut);
  child.stderr.setEncoding("utf8").on("data", carryOut);
  const tty = await waitFor(async () => (await readFile(join(directory, "tty"), "utf8")).trim(), {
    what: "the window is open",
    timeout: deadline,
    every: 20,
  });

  async function close(): Promise<void> {
    child.kill("SIGKILL");
    await exit;
  }

  return {
    text: () => timeless(screen.text()),
    painted: () => timeless(screen.painted()),
    wrapped: () => screen.wrapped(),
    async shows(what) {
      await waitFor(() => (typeof what === "string" ? screen.text().includes(what) : what.test(screen.text())), {
        what: `the window shows ${String(what)}`,
        timeout: deadline,
        every: 20,
        explain: async () => screen.text(),
      });
    },
    press: (keys) => void child.stdin.write(keys),
    async resize(toColumns, toRows) {
      screen.resize(toColumns, toRows);
      await run(["stty", "-F", tty, "cols", String(toColumns), "rows", String(toRows)]);
    },
    async signal(name) {
      await run(["pkill", `--signal=${name}`, "--exact", "--terminal", tty.replace("/dev/", ""), "muster"]);
    },
    running: () => child.exitCode === null && child.signalCode === null,
    async ended() {
      const code = await Promise.race([exit, tooLate()]);
      await carriedOut;
      return code;
    },
    [Symbol.asyncDispose]: close,
  };
}

async function tooLate(): Promise<never> {
  await new Promise((resolve) => setTimeout(resolve, deadline).unref());
  throw new Error("the command did not end");
}

/** Times of day; in the line of what runs, the seconds and which picture of the spinner it is. All keep their width. */
function timeless(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "2026-01-01 00:00:00")
    .replaceAll(/^ {2}(<dim>)?([⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]|[-|/\\](?= .*\d s)).*/gm, (line) =>
      line
        .replace(/[⠙⠹⠸⠼⠴⠦⠧⠇⠏]/, "⠋")
        .replace(/^ {2}[-/\\]/, "  |")
        .replaceAll(/(?<=[ >])\d\.\d s/g, "0.0 s"),
    );
}
