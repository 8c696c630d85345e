// The contract suites that need systemd as process 1, inside an instance that was booted for them; on the
// runtime of the tests and on the one that ships.
import { test } from "vitest";
import { createLab } from "../lab/lab.ts";
import { suites } from "../lab/prepare/image.ts";
import { bootWithRepository, inside, runtimeCommand } from "./inside.ts";

const report = "/run/report.json";
const vitest = [
  ...[
    `${inside}/node_modules/vitest/vitest.mjs`,
    "run",
    "--configLoader=native",
    "--pool=threads",
    "--maxWorkers=1",
    "--project=contract",
  ],
  ...["--reporter=json", `--outputFile=${report}`],
  ...["unit-runner", "outside", "service-manager", "machine"].map((port) => `test/contract/${port}.systemd.test.ts`),
];

test.concurrent.for(suites)(
  "units, service manager and machine do what their ports say, on %s",
  async (suite, { expect }) => {
    await using lab = await createLab();
    const instance = await bootWithRepository(lab, { suite });
    for (const program of ["node", "bun"] as const) {
      const command = await runtimeCommand(program, ...vitest);
      const { stderr } = await instance.exec(command, { check: false, timeout: 180_000 });
      expect(failuresOf(await instance.readFile(report)), `${program}: ${stderr}`).toEqual([]);
    }
  },
);

/** Everything that did not pass, skipped tests too. */
function failuresOf(report: string): readonly string[] {
  const { testResults } = JSON.parse(report) as {
    testResults: {
      message: string;
      assertionResults: { status: string; fullName: string; failureMessages: string[] }[];
    }[];
  };
  const results = testResults.flatMap(({ assertionResults }) => assertionResults);
  if (results.length === 0) return [`no test ran: ${testResults.map(({ message }) => message).join("; ")}`];
  return results
    .filter(({ status }) => status !== "passed")
    .map(({ status, fullName, failureMessages }) => `${status}: ${fullName}: ${failureMessages.join("; ")}`);
}
