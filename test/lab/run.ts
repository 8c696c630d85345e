import { spawn } from "node:child_process";
import { constants } from "node:os";

export interface RunOptions {
  /** Milliseconds, 60,000 if not said; then the whole process group is killed and `run` throws. */
  timeout?: number;
  /** Whether another exit code than 0 throws; yes if not said. */
  check?: boolean;
  /** What errors call the command; its words if not said. */
  label?: string;
  /** What the command reads from its standard input; nothing if not said. */
  input?: string;
  /** Added to the environment of this process. */
  env?: Record<string, string>;
}

export interface RunResult {
  stdout: string;
  stderr: string;
  /** The exit code; 128 + the number where a signal ended it. */
  code: number;
}

/** Runs a command in a process group of its own. It never waits for pipes that a child left open. */
export async function run(argv: string[], options: RunOptions = {}): Promise<RunResult> {
  const { timeout = 60_000, check = true, input = "", label = argv.join(" ").slice(0, 300) } = options;
  const [program = "", ...args] = argv;
  const child = spawn(program, args, { stdio: "pipe", detached: true, env: { ...process.env, ...options.env } });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  // A command that does not read its input closes it early: no concern of ours.
  child.stdin.on("error", () => {}).end(input);

  const ending = Promise.withResolvers<number>();
  let lingering: NodeJS.Timeout | undefined;
  const deadline = setTimeout(() => {
    if (child.pid !== undefined) killGroup(child.pid);
    ending.reject(new Error(`${label} took more than ${timeout} ms${tail(output)}`));
  }, timeout);
  child.on("error", ending.reject);
  child.on("exit", (code, signal) => {
    const result = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
    child.on("close", () => ending.resolve(result));
    lingering = setTimeout(() => ending.resolve(result), 500);
  });
  try {
    const code = await ending.promise;
    if (check && code !== 0) throw new Error(`${label} ended with ${code}${tail(output)}`);
    return { ...output, code };
  } finally {
    clearTimeout(deadline);
    clearTimeout(lingering);
    for (const stream of [child.stdout, child.stderr]) stream.destroy();
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It ended by itself in this instant.
  }
}

function tail({ stdout, stderr }: { stdout: string; stderr: string }): string {
  const text = `${stdout}\n${stderr}`.trim();
  return text === "" ? "" : `:\n${text.slice(-4000)}`;
}
