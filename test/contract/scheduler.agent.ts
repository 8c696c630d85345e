// Prints the times of an expression from one moment to another as a daemon that lives through them asks for them:
// in a process of its own, because a time zone is read once in a process.
import { mock } from "node:test";
import { scheduler } from "../../src/adapters/host/scheduler.ts";

const [expression = "", from = "", to = ""] = process.argv.slice(2);
const found: string[] = [];
let now = new Date(from);
mock.timers.enable({ apis: ["Date"], now });
while (true) {
  mock.timers.setTime(now.getTime());
  const next = scheduler.next(expression, now);
  if (next === undefined || next.getTime() > Date.parse(to)) break;
  found.push(next.toISOString().slice(5, 16));
  now = next;
}
process.stdout.write(JSON.stringify(found));
