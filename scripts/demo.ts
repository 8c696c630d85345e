// npm run demo: from nothing but an image to in service, on this machine, with real parts.
//   npm run demo [-- --keep]   boots it; on a terminal, or with --keep, it stays up for an hour
//   npm run demo -- shell      a shell in its instance, from another terminal
//   npm run demo -- remove     ends it
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { parseArgs } from "node:util";

import { findDemo, type RunningDemo } from "./demo/find.ts";

const root = resolve(import.meta.dirname, "..");

function main(): number {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { keep: { type: "boolean" } } });
  const [command = "start"] = positionals;
  if (process.getuid?.() !== 0) return fail("the demo boots a machine, and needs root for that", 1);
  switch (command) {
    case "start":
      return start(values.keep ?? process.stdin.isTTY);
    case "shell":
      return withDemo(shell);
    case "remove":
      return withDemo(remove);
    default:
      return fail(`no command ${command}: there are start, shell and remove`, 2);
  }
}

function start(keep: boolean): number {
  if (findDemo()) return fail("a demo is running already: `npm run demo -- remove` ends it", 1);
  const built = run("node", "scripts/build.ts");
  if (built !== 0) return built;
  return run("node", "scripts/in-lab.ts", "node", "scripts/demo/inside.ts", ...(keep ? ["--keep"] : []));
}

/** Enters the instance's namespaces straight from here. */
function shell({ instance }: RunningDemo): number {
  if (instance === undefined) return fail("its instance is not up", 1);
  const namespaces = ["--mount", "--uts", "--ipc", "--net", "--pid"];
  return run(
    "nsenter",
    `--target=${instance}`,
    ...namespaces,
    "--",
    "env",
    "--chdir=/root",
    "HOME=/root",
    "bash",
    "-l",
  );
}

function remove({ runner }: RunningDemo): number {
  process.kill(runner, "SIGTERM");
  console.log("the demo's machines are gone; images and packages stay in the cache for the next time");
  return 0;
}

function withDemo(act: (demo: RunningDemo) => number): number {
  const demo = findDemo();
  return demo ? act(demo) : fail("no demo is running: `npm run demo -- --keep` starts one that stays", 1);
}

function run(program: string, ...args: string[]): number {
  return spawnSync(program, args, { cwd: root, stdio: "inherit" }).status ?? 1;
}

function fail(message: string, code: number): number {
  console.error(`demo: ${message}`);
  return code;
}

// Ctrl-C reaches the whole group: the child decides, and this script ends with its exit code.
process.on("SIGINT", () => {});
process.exitCode = main();
