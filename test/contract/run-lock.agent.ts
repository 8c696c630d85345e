// An agent to be killed: takes the lock, says so and keeps it.
import { createClock } from "../../src/adapters/host/clock.ts";
import { createRunLock } from "../../src/adapters/host/run-lock.ts";

const { signal } = new AbortController();
const lock = createRunLock(process.argv[2] ?? "", createClock());
await lock.acquire("muster run", 60_000, signal, () => process.stdout.write("waits\n"));
process.stdout.write("holds\n");
setInterval(() => undefined, 60_000);
