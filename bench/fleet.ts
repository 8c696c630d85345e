// A fleet of this agent against AWS's published limits, in virtual time:
//   npm run bench:fleet [-- --size=20 --size=100 --size=1000 --idle=10000]
import { parseArgs } from "node:util";

import type { Requests } from "./fleet/account.ts";
import type { FleetShape } from "./fleet/shape.ts";
import { bootAtOnce, idleFor, shareOf } from "./fleet/simulate.ts";
import { budgetTable, table, type Budget } from "./shared/table.ts";

const { values } = parseArgs({
  options: {
    size: { type: "string", multiple: true, default: ["20", "100", "1000"] },
    idle: { type: "string", default: "10000" },
    hours: { type: "string", default: "24" },
  },
});

const budgets: Budget[] = [];
for (const size of values.size.map(Number)) {
  await boot({ size, attached: true, named: false });
  await boot({ size, attached: false, named: true });
}
if (Number(values.idle) > 0)
  await idle({ size: Number(values.idle), attached: false, named: true }, Number(values.hours));
console.log(`\n${budgetTable(budgets)}`);

async function boot(shape: FleetShape): Promise<void> {
  const begun = performance.now();
  const { seconds, servingSeconds, leastSeconds, requests, takenOut, held } = await bootAtOnce(shape);
  const what = `${shape.size} at once, ${shape.attached ? "in attached groups" : "registering themselves"}, ${shape.named ? "with names" : "without names"}`;
  console.log(
    `\n${what}: all serve after ${servingSeconds.toFixed(0)} s, under their names after ${seconds.toFixed(0)} s; the buckets alone allow ${leastSeconds.toFixed(0)} s (simulated in ${((performance.now() - begun) / 1_000).toFixed(0)} s)\n`,
  );
  print(requests);
  budgets.push(
    { what: `${what}: healthy ones taken out`, limit: "0", measured: String(takenOut), met: takenOut === 0 },
    { what: `${what}: ever held`, limit: "0", measured: String(held), met: held === 0 },
  );
  // Below this the health checks decide, and not the buckets.
  if (leastSeconds < 60) return;
  const ratio = seconds / leastSeconds;
  budgets.push({
    what: `${what}: time to what the buckets allow`,
    limit: "1.2",
    measured: ratio.toFixed(2),
    met: ratio <= 1.2,
  });
}

async function idle(shape: FleetShape, hours: number): Promise<void> {
  const begun = performance.now();
  const { requests, takenOut, metadata } = await idleFor(shape, hours);
  const what = `${shape.size} idle for ${hours} h`;
  console.log(
    `\n${what}: every request of every instance is counted; tags are not in the metadata. Of ten instances that also watch notices, each asks its own metadata ${metadata.toFixed(0)} times a day (simulated in ${((performance.now() - begun) / 1_000).toFixed(0)} s)\n`,
  );
  print(requests);
  for (const [name, one] of requests) {
    const share = shareOf(one, hours);
    if (share === undefined) continue;
    budgets.push({
      what: `${what}: ${name}`,
      limit: "5 %",
      measured: `${(share * 100).toFixed(2)} %`,
      met: share < 0.05,
    });
  }
  budgets.push({ what: `${what}: taken out`, limit: "0", measured: String(takenOut), met: takenOut === 0 });
}

function print(requests: ReadonlyMap<string, Requests>): void {
  const rows = [...requests].map(([name, { answered, throttled, refused }]) => [
    name,
    ...[answered, throttled, refused].map(String),
  ]);
  console.log(table(["bucket", "answered", "throttled", "refused"], rows));
}
