// A daemon under systemd: says ready and its status, keeps the watchdog quiet, and runs a unit. Without a unit it
// waits for the files `ready` and `end` in its directory before it says ready and before it ends.
import { existsSync } from "node:fs";
import { createServiceManager } from "../../src/adapters/systemd/service-manager.ts";
import { createUnitRunner } from "../../src/adapters/systemd/unit-runner.ts";
import type { UnitSpec } from "../../src/ports/unit-runner.ts";

const [runtime = "", spec = ""] = process.argv.slice(2);
const manager = createServiceManager({ pid: process.pid, env: process.env }, "/run/systemd/system");
for (let count = 0; count <= 100; count += 1) manager.status(`count ${count}\nREADY=1\nMAINPID=1`);
process.on("SIGTERM", () => {
  void manager
    .stopping()
    .then(() => appears("end"))
    .then(() => process.exit(0));
});
await appears("ready");
await manager.ready();
setInterval(() => void manager.alive(), manager.watchdogMs() ?? 10_000);
if (spec !== "") {
  const { signal } = new AbortController();
  await createUnitRunner(runtime).run(JSON.parse(spec) as UnitSpec, signal, (line) => manager.status(line));
}

async function appears(file: string): Promise<void> {
  while (runtime !== "" && spec === "" && !existsSync(`${runtime}/${file}`)) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
