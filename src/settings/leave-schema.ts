import type { LeavePolicy } from "../domain/role/role.ts";
import { commandLine } from "./check-schema.ts";
import { roleDefaults } from "./defaults.ts";
import { duration, list, map, oneOf } from "./leaves.ts";

const defaults = roleDefaults.leave;

const stopCommand = map({
  run: commandLine.describe("A list of program and arguments, or one text: a line for the shell."),
  timeout: duration("1s", "1h").prefault(defaults.timeout).describe("It is stopped after this."),
}).transform(({ run, timeout }) => ({ run, timeoutMs: timeout }));

/** How a role leaves service, as a file holds it. */
export const leaveSchema = map({
  limit: duration("10s", "2h")
    .prefault(defaults.limit)
    .describe(
      "The longest time that leaving takes, `beforeStop` included, where it is not the cloud that says when: at a shutdown, for a termination hook, for maintenance.",
    ),
  beforeStop: list(stopCommand, "a list of commands such as { run: [program, argument] }")
    .prefault([])
    .describe(
      "What to run once nobody is served any more and before the machine goes: at a shutdown, a spot notice, a scale-in and maintenance, but not at `muster drain`, which stops nothing.",
    ),
  rebalance: oneOf(["drain", "cordon", "ignore"])
    .prefault(defaults.rebalance)
    .describe(
      "At a rebalance recommendation of the spot market: `drain` leaves service, `cordon` serves on and begins no run and no patching by itself, `ignore` does nothing.",
    ),
  cordon: duration("1m", "30d")
    .prefault(defaults.cordon)
    .describe(
      "How long after the recommendation a cordon ends by itself. The spot market takes most machines back within minutes or not at all, and the recommendation stays in the metadata for as long as the machine lives.",
    ),
  maintenance: oneOf(["drain", "ignore"])
    .prefault(defaults.maintenance)
    .describe(
      "When the cloud is about to restart, stop or retire the machine: `drain` leaves service in time for it, `ignore` does nothing.",
    ),
}).transform(({ limit, cordon, ...leave }): LeavePolicy => ({ ...leave, limitMs: limit, cordonMs: cordon }));
