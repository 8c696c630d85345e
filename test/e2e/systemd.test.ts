// The contract suites that need systemd as process 1, inside an instance that was booted for them; on the
// runtime of the tests and on the one that ships.
import { mkdir, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "vitest";
import { createLab } from "../lab/lab.ts";
import { suites } from "../lab/prepare/image.ts";
import { run } from "../lab/run.ts";

const repository = join(import.meta.dirname, "../..");
const inside = "/srv/repository";
const report = "/run/report.json";
const files = ["test/contract/unit-runner.systemd.test.ts", "test/contract/service-manager.systemd.test.ts"];

test.concurrent.for(suites)("units and service manager do what their ports say, on %s", async (suite, { expect }) => {
  await using lab = await createLab();
  let mounted = "";
  const instance = await lab.boot({
    suite,
    binary: false,
    prepare: async (root) => {
      mounted = join(root, inside);
      await mkdir(mounted, { recursive: true });
      await run(["mount", "--bind", repository, mounted]);
      await run(["mount", "-o", "remount,bind,ro", mounted]);
    },
  });
  try {
    for (const [program, ...options] of [["node"], ["bun", "--bun"]] as const) {
      const runtime = (await pathOf(program)).replace(repository, inside);
      const vitest = [`${inside}/node_modules/vitest/vitest.mjs`, "run", "--configLoader=native", "--pool=threads"];
      const command = [
        runtime,
        ...options,
        ...vitest,
        "--project=contract",
        "--reporter=json",
        `--outputFile=${report}`,
        ...files,
      ];
      const path = `PATH=${dirname(runtime)}:/usr/sbin:/usr/bin:/sbin:/bin`;
      const ran = await instance.exec(["env", `--chdir=${inside}`, path, ...command], {
        check: false,
        timeout: 180_000,
      });
      expect(failuresOf(await instance.readFile(report)), `${program}: ${ran.stderr}`).toEqual([]);
    }
  } finally {
    await run(["umount", "--lazy", mounted]);
  }
});

async function pathOf(program: string): Promise<string> {
  const { stdout } = await run(["sh", "-c", 'command -v "$1"', "sh", program]);
  return realpath(stdout.trim());
}

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
