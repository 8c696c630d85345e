// What `npm test` does, in order.

export interface Step {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** The step is ended, with all that it started, after this. */
  readonly minutes: number;
  /** Steps that have to pass first: without them this one could only fail for their reason. */
  readonly needs?: readonly string[];
  /** Boots instances, mounts, makes network namespaces. */
  readonly root?: true;
  /** Where the step leaves vitest's report; a step without one counts as a single test. */
  readonly report?: string;
  /** How many processes share the test files of a step with a report, side by side. */
  readonly shards?: number;
  /** Runs while the step before it runs. */
  readonly beside?: true;
}

const isRoot = process.getuid?.() === 0;

/** Runs the command behind it with a loopback of its own: servers of the same address do not meet. */
const ownNetwork = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"];

const bothSuites = ["--suite=bookworm", "--suite=trixie"];
const additions = ["--moto", "--browser", "--dnf", "--extras"];

export const steps: readonly Step[] = [
  { name: "types", command: ["tsc", "--noEmit"], minutes: 3 },
  { name: "lint", command: ["oxlint"], minutes: 3 },
  { name: "format", command: ["oxfmt", "--check"], minutes: 2 },
  { name: "knip", command: ["knip", "--no-progress", "--no-config-hints"], minutes: 3 },
  { name: "build", command: ["node", "scripts/build.ts"], minutes: 3 },
  {
    name: "lab",
    command: ["node", "scripts/lab-prepare.ts", "bookworm", "trixie", "moto", "browser", "dnf", "extras"],
    minutes: 20,
    root: true,
  },
  vitest("unit", 8),
  vitest("contract", 8),
  // Bun is what ships, so what touches the world is tried on it too. Only vitest's threads work there, and
  // only one in a process, because threads share the working directory, the environment and the signals: five
  // processes share the files, beside those on Node, where root can give them a loopback of their own.
  {
    ...vitest("contract", 8, {
      name: "contract-bun",
      runner: [...(isRoot ? ownNetwork : []), "bun", "--bun"],
      flags: ["--pool=threads", "--maxWorkers=1"],
      shards: 5,
    }),
    ...(isRoot ? { beside: true } : {}),
  },
  {
    ...vitest("e2e", 45, { runner: ["node", "scripts/in-lab.ts", ...bothSuites, ...additions, "node"] }),
    needs: ["build", "lab"],
    root: true,
  },
];

function vitest(
  project: string,
  minutes: number,
  { name = project, runner = ["node"], flags = [] as string[], shards = 1 } = {},
): Step {
  const reporters = ["--reporter=default", "--reporter=json"];
  const [program = "node", ...options] = runner;
  const args = [...options, "node_modules/vitest/vitest.mjs", "run", "--project", project, ...flags, ...reporters];
  return { name, command: [program, ...args], minutes, report: `tmp/test/${name}.json`, shards };
}
