// Runs a command in namespaces of its own (processes, mounts, network), where labs can be made:
//   node scripts/in-lab.ts [--suite=NAME]... [--moto] [--browser] [--dnf] [--extras] COMMAND [ARG]...
// When the command ends, or this process is killed by whatever means, the kernel takes down every
// process, mount, loop device, interface and network namespace in there: nothing is left to clean.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { parseSuites, prepareLab } from "./lab-prepare.ts";

async function main(): Promise<void> {
  const { suites, moto, browser, dnf, extras, command } = parseCommandLine(process.argv.slice(2));
  const locks = await prepareLab(suites, { moto, browser, dnf, extras });
  allowManyInstances();
  const name = `muster-lab-${randomBytes(4).toString("hex")}`;
  const enter = [...dieWithParent, ...scope(name), ...unshare, join(import.meta.dirname, "in-lab-init"), name];
  const [program = "", ...args] = [...enter, ...command];
  const child = spawn(program, args, { stdio: "inherit" });
  // The terminal sends Ctrl-C to the command as well; it decides what to do about it.
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill("SIGKILL"));
  // The process that started this one is gone: no caller waits for the outcome.
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && child.kill("SIGKILL"), 500).unref();
  child.on("error", (error) => {
    throw error;
  });
  child.on("exit", (code, signal) => {
    for (const lock of locks) lock.release();
    process.exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  });
}

const dieWithParent = ["setpriv", "--pdeathsig", "KILL", "--"];
const unshare = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "--mount", "--net", "--"];

const inotifyInstances = "/proc/sys/fs/inotify/max_user_instances";

/**
 * Each systemd needs several inotify instances, and all of root's are counted together: with the kernel's default of
 * 128, about a dozen machines boot at once. The limit stays raised until this machine reboots.
 */
function allowManyInstances(): void {
  const enough = 2048;
  if (Number(readFileSync(inotifyInstances, "utf8")) < enough) writeFileSync(inotifyInstances, String(enough));
}

/** Where systemd runs the machine, the cgroups below us must be ours by delegation. */
function scope(name: string): string[] {
  if (!existsSync("/run/systemd/system")) return [];
  return ["systemd-run", "--scope", "--quiet", "--collect", "--property=Delegate=yes", `--unit=${name}`, "--"];
}

function parseCommandLine(args: string[]) {
  const start = args.findIndex((arg) => !arg.startsWith("--"));
  if (start < 0)
    throw new Error("usage: in-lab.ts [--suite=NAME]... [--moto] [--browser] [--dnf] [--extras] COMMAND [ARG]...");
  const { values } = parseArgs({
    args: args.slice(0, start),
    options: {
      suite: { type: "string", multiple: true, default: ["bookworm"] },
      moto: { type: "boolean" },
      browser: { type: "boolean" },
      dnf: { type: "boolean" },
      extras: { type: "boolean" },
    },
  });
  return {
    suites: parseSuites(values.suite),
    moto: values.moto ?? false,
    browser: values.browser ?? false,
    dnf: values.dnf ?? false,
    extras: values.extras ?? false,
    command: args.slice(start),
  };
}

await main();
