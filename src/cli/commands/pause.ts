import { MusterError } from "../../domain/errors/errors.ts";
import { longestPauseMs, usualPauseMs, type Pause } from "../../domain/instance/pause.ts";
import { formatDuration, parseDuration } from "../../domain/text/units.ts";
import type { Pauses } from "../../ports/pauses.ts";
import type { Command, CommandInput, CommandIo } from "../command.ts";
import { reasonOf } from "./membership.ts";
import { plain, wrap } from "../terminal/style.ts";
import { jsonText } from "../terminal/text.ts";

export type PauseDeps = {
  readonly pauses: Pauses;
  /** The login name of the user who asks. */
  readonly who: string;
};

const json = { flags: "--json", summary: "as JSON" };

/** `muster pause`. */
export function pauseCommand({ pauses, who }: PauseDeps): Command {
  return {
    name: "pause",
    summary: "for a while, do nothing by schedule, try nothing again, and stay in service whatever health says",
    details: `While you look at the machine by hand. Runs, drains and joins that a person asks for are made all the same, and so is what the cloud and the power button ask.
A pause ends by itself; a second one takes the place of the first.`,
    options: [
      { flags: "--reason <text>", summary: "for other operators who look at the status (required)" },
      { flags: "--for <time>", summary: "how long, as 30m; at most 24h (default: 1h)" },
      json,
    ],
    async run(input, io) {
      const reason = reasonOf(input);
      if (reason === undefined) throw reasonMissing();
      const pause = await pauses.begin({ reason, by: who, forMs: lengthOf(input) });
      const until = `${pause.until.slice(0, 10)} ${pause.until.slice(11, 19)} UTC`;
      const left = formatDuration(Date.parse(pause.until) - Date.parse(io.now()));
      print(input, io, pause, `Paused until ${until} (${left}): ${pause.reason}`, "muster resume ends it before");
      return 0;
    },
  };
}

/** `muster resume`. */
export function resumeCommand({ pauses }: Pick<PauseDeps, "pauses">): Command {
  return {
    name: "resume",
    summary: "end a pause",
    details: "A held instance is tried again at once. Nothing is made up for: the next time of each schedule counts.",
    options: [json],
    async run(input, io) {
      const pause = await pauses.end();
      const was = pause && `Resumed. It was paused by ${pause.by}: ${pause.reason}`;
      const again =
        pause?.by.startsWith("tag ") === true ? [`Remove the ${pause.by}: it pauses again within minutes.`] : [];
      print(input, io, pause, was ?? "Nothing was paused.", ...again);
      return 0;
    },
  };
}

function print({ options }: CommandInput, io: CommandIo, pause: Pause | undefined, ...said: readonly string[]): void {
  if (options["json"] !== true) return io.out(said.map((line) => `${wrap(plain(line), io.columns, 0)}\n`).join(""));
  if (pause === undefined) return io.out("null\n");
  const { reason, by, since, until } = pause;
  io.out(`${jsonText({ reason, by, since, until }, 2)}\n`);
}

function lengthOf({ options }: CommandInput): number {
  const given = options["for"];
  if (typeof given !== "string") return usualPauseMs;
  const ms = parseDuration(given);
  if (ms !== undefined && ms > 0 && ms <= longestPauseMs) return ms;
  throw new MusterError({
    code: "usage-duration",
    message: `--for takes a duration of at most 24h, not ${JSON.stringify(given)}`,
    hint: "Write it like 30m or 8h.",
  });
}

function reasonMissing(): MusterError {
  return new MusterError({
    code: "usage-reason-missing",
    message: "A pause needs a reason, for other operators of the instance",
    hint: 'Give one: muster pause --reason "disk is being looked at"',
  });
}
