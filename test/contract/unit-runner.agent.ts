// An agent to be killed: runs one unit and prints its lines.
import { createUnitRunner } from "../../src/adapters/systemd/unit-runner.ts";
import type { UnitSpec } from "../../src/ports/unit-runner.ts";

const [runtime = "", spec = ""] = process.argv.slice(2);
const { signal } = new AbortController();
await createUnitRunner(runtime).run(JSON.parse(spec) as UnitSpec, signal, (line) => process.stdout.write(`${line}\n`));
