import { MusterError } from "../../domain/errors/errors.ts";
import { leaveReasons, type LeavePlan, type LeaveReason } from "../../domain/membership/leave-plan.ts";
import { exitCodeOf } from "../../domain/run/run.ts";
import type { Agent } from "../../ports/agent.ts";
import type { Command, CommandInput } from "../command.ts";
import { leavePlanText } from "../terminal/print-leave-plan.ts";
import { lockWaitOf } from "./run.ts";
import { fit, plain } from "../terminal/style.ts";
import { jsonText } from "../terminal/text.ts";
import { work } from "../terminal/work.ts";

const common = [
  { flags: "-v, --verbose", summary: "also show what external commands print" },
  { flags: "--json", summary: "events and outcome as JSON lines" },
];

/** How long to wait for another command without a daemon, in milliseconds. */
const othersMs = 600_000;

/** `muster drain`: leaves service in good order, and stays out. */
export function drainCommand(deps: {
  connect(): Promise<Agent>;
  plan(as: LeaveReason, signal: AbortSignal): Promise<LeavePlan>;
  /** The login name of the user who asks. */
  readonly who: string;
}): Command {
  return {
    name: "drain",
    summary: "leave the balancer and DNS in good order, and stay out",
    details: `New connections go elsewhere at once; open ones are served until the drain is over.
The instance stays out, across runs and reboots, until: muster join

With --dry-run it only says what would be done, and by when.

Exit status: 0 out of service, 1 something could not be taken away.`,
    options: [
      { flags: "--reason <text>", summary: "for the next person who looks at the status" },
      {
        flags: "--shutdown",
        summary: "for muster-leave.service: the machine goes down; not remembered after the next boot",
      },
      { flags: "--dry-run", summary: "print the plan with its times and change nothing" },
      { flags: "--as <reason>", summary: `with --dry-run: ${leaveReasons.join(", ")} (default: drain)` },
      ...common,
    ],
    async run(input, io) {
      if (input.options["dryRun"] === true || input.options["as"] !== undefined) {
        const plan = await deps.plan(leaveReasonOf(input), io.signal);
        io.out(input.options["json"] === true ? `${jsonText(plan)}\n` : leavePlanText(plan, io));
        return 0;
      }
      const shutdown = input.options["shutdown"] === true;
      const reason = shutdown ? (reasonOf(input) ?? "the machine goes down") : drainReason(input, deps.who);
      const agent = await deps.connect();
      const request = { want: "out", by: shutdown ? "shutdown" : "operator", reason } as const;
      return work(input, io, (onEvent) => agent.membership(request, othersMs, onEvent, io.signal), exitCodeOf);
    },
  };
}

/** `muster join`: back into service, through the gates. */
export function joinCommand(deps: { connect(): Promise<Agent>; readonly who: string }): Command {
  return {
    name: "join",
    summary: "pass the health gates again and come back into service",
    details: `Takes back an earlier drain. Nothing registers before every health tier passed.
An instance that was never converged, or is held, gets a whole run.

Exit status: 0 in service, 1 a stage failed, 3 held (not in service), 75 another run holds the lock.`,
    options: [{ flags: "--lock-wait <time>", summary: "how long to wait for another run (default: 10m)" }, ...common],
    async run(input, io) {
      const waitMs = lockWaitOf(input);
      const agent = await deps.connect();
      const request = { want: "in", by: "operator", reason: `joined by ${plain(deps.who)}` } as const;
      return work(input, io, (onEvent) => agent.membership(request, waitMs, onEvent, io.signal), exitCodeOf);
    },
  };
}

/** As a pause: who, and why. */
function drainReason(input: CommandInput, who: string): string {
  const reason = reasonOf(input);
  return reason === undefined ? `drained by ${plain(who)}` : `drained by ${plain(who)}: ${reason}`;
}

/** @throws MusterError `usage-unknown-reason` */
function leaveReasonOf({ options }: CommandInput): LeaveReason {
  const given = options["as"] ?? (options["shutdown"] === true ? "shutdown" : "drain");
  const reason = leaveReasons.find((one) => one === given);
  if (reason !== undefined && options["dryRun"] === true) return reason;
  throw new MusterError({
    code: "usage-unknown-reason",
    message: `There is no drain --as ${plain(String(given))}${reason === undefined ? "" : " without --dry-run"}`,
    hint: `muster drain --dry-run --as takes ${leaveReasons.join(", ")}.`,
  });
}

/** The operator's text as one line, cut to the room in a status and a tag. */
export function reasonOf({ options }: CommandInput): string | undefined {
  const given = options["reason"];
  const line = typeof given === "string" ? plain(given).trim() : "";
  return line === "" ? undefined : fit(line, 200);
}
