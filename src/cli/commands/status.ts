import { describeMaintenance } from "../../domain/membership/cloud-notice.ts";
import { driftWords } from "../../domain/run/drift.ts";
import type { InstanceState } from "../../domain/instance/state.ts";
import type { StageStatus, StatusReport } from "../../domain/instance/status.ts";
import { failingText, type HealthReport } from "../../domain/health/health.ts";
import type { Cordon } from "../../domain/membership/departure.ts";
import type { Pause } from "../../domain/instance/pause.ts";
import { describeSlot } from "../../domain/membership/slot.ts";
import { describeStart } from "../../domain/instance/start-type.ts";
import { formatAgo, formatDuration } from "../../domain/text/units.ts";
import { triesWords } from "../../views/explain/words.ts";
import type { Agent } from "../../ports/agent.ts";
import { noAnswer, type Command, type CommandInput, type CommandIo } from "../command.ts";
import { markOf, plain, styleFor, wrap, type Style } from "../terminal/style.ts";
import { jsonText } from "../terminal/text.ts";

export type StatusDeps = {
  /** The status on disk: cheap, and correct without a daemon too. */
  read(): Promise<StatusReport>;
  connect(): Promise<Agent>;
  /** Undefined if the daemon went away meanwhile. Progress is loaded only for `--wait`. */
  wait(agent: Agent, io: CommandIo, verbose: boolean): Promise<StatusReport | undefined>;
};

/** `muster status`. */
export function statusCommand(deps: StatusDeps): Command {
  return {
    name: "status",
    summary: "state, run, commit, per stage outcome and time",
    details:
      "Exit status: 0 in service or nothing wrong, 1 the last run failed, 3 held (not in service), 5 the daemon does not answer: then what was known last is told, 6 with --wait: cloud-init started this command, and the boot run waits for cloud-init.",
    options: [
      { flags: "-w, --wait", summary: "show progress until in service, held or out of service" },
      { flags: "-v, --verbose", summary: "with --wait: also show what external commands print" },
      { flags: "--json", summary: "as JSON" },
    ],
    async run(input, io) {
      const status = await statusFor(input, io, deps);
      io.out(input.options["json"] === true ? `${jsonText(status, 2)}\n` : page(status, io));
      return exitStatusOf(status);
    },
  };
}

async function statusFor(input: CommandInput, io: CommandIo, deps: StatusDeps): Promise<StatusReport> {
  if (input.options["wait"] !== true) return deps.read();
  const quiet = input.options["json"] === true;
  const heard = quiet ? { ...io, out: () => undefined, canRedraw: false } : io;
  while (true) {
    const status = await deps.wait(await deps.connect(), heard, input.options["verbose"] === true);
    // A daemon that was restarted or killed continues its run: wait for it.
    if (status !== undefined) return status;
  }
}

function exitStatusOf(status: StatusReport): number {
  if (status.daemon !== undefined) return noAnswer;
  if (status.state === "held") return 3;
  return status.error === undefined ? 0 : 1;
}

/** The column of a stage's text, and the least of it on the narrowest terminal. */
const [textColumn, leastText] = [14, 8];

const stateWords: Readonly<Record<InstanceState, string>> = {
  new: "new",
  starting: "starting",
  "in-service": "in service",
  held: "held (out of service)",
  "out-of-service": "out of service",
  leaving: "leaving",
  rebooting: "rebooting (planned)",
};

function page(status: StatusReport, io: CommandIo): string {
  const style = styleFor(io);
  const rows: (readonly [string, string | undefined])[] = [
    ["state", `${stateWord(status.state, style)} since ${time(status.since, io)}`],
    ["reason", plain(status.reason)],
    ["out", outRow(status, style, io)],
    ["instance", status.instance && plain(`${status.instance.id} (${status.instance.zone})`)],
    ["role", status.role && plain(`${status.role}, environment ${status.environment ?? "-"}`)],
    ["commit", status.commit && plain(`${status.commit.slice(0, 12)} (${status.ref ?? "-"})`)],
    ["run", runWords(status, io)],
    ["patched", patchedWords(status, io, style)],
    [
      "reboot",
      status.rebootRequired.required
        ? style.warn(plain(`required: ${status.rebootRequired.reasons.join("; ")}`))
        : undefined,
    ],
    ["pending", status.pending && style.warn(plain(pendingWords(status.pending, io)))],
    ["health", status.health && healthWords(status.health, style)],
    ["slot", status.slot && plain(`holds ${describeSlot(status.slot)} until ${time(status.slot.until, io)}`)],
    ["paused", status.pause && style.warn(plain(pauseWords(status.pause, io)))],
    ["cordoned", status.cordon && style.warn(plain(cordonWords(status.cordon, io)))],
    ["ahead", status.maintenance && style.warn(plain(aheadWords(status.maintenance, io)))],
    ["drift", driftRow(status, style, io)],
    ["retry", status.nextRetryAt && `next at ${time(status.nextRetryAt, io)}`],
  ];
  const head = rows.flatMap(([name, value]) =>
    value === undefined ? [] : [`${style.dim(name.padEnd(9))} ${wrap(value, io.columns, 10)}`],
  );
  const over = status.run?.finished === true;
  const stages = (status.run?.stages ?? []).map((stage) => stageLine(stage, over, style, io.columns));
  const notices = status.notices.map(
    ({ code, text }) =>
      `  ${style.warn(style.marks.warning)} ${wrap(`${plain(text)} ${style.dim(`(${plain(code)})`)}`, io.columns, 4)}`,
  );
  const { error } = status;
  const trouble =
    error === undefined
      ? []
      : [
          style.bad(wrap(plain(error.message), io.columns, 2)),
          `  ${wrap(plain(error.hint), io.columns, 2)}`,
          style.dim(`  (${plain(error.code)})`),
        ];
  const unkept = status.daemon === undefined ? [] : unkeptLines(status.daemon, style, io.columns);
  const parts = [unkept, head, stages, notices, trouble].filter((lines) => lines.length > 0);
  return `${parts.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

/** The announced maintenance, with its time. */
function aheadWords(maintenance: NonNullable<StatusReport["maintenance"]>, io: CommandIo): string {
  return maintenance.map((each) => `${describeMaintenance(each)}, from ${time(each.notBefore, io)}`).join("; ");
}

/** First of all: the rest of the status may be an hour old. */
function unkeptLines({ code, message, hint }: NonNullable<StatusReport["daemon"]>, style: Style, columns: number) {
  const said = plain(`${message}. What follows is what was known last.`);
  return [
    `${style.bad(style.marks.failed)} ${style.strong(wrap(said, columns, 2))}`,
    `${style.marks.planned} ${wrap(plain(hint), columns, 2)}`,
    style.dim(`  (${code})`),
  ];
}

function driftRow({ drift }: StatusReport, style: Style, io: CommandIo): string | undefined {
  if (drift === undefined) return undefined;
  const words = plain(driftWords(drift));
  return `${drift.drifted === 0 ? words : style.warn(words)}, looked at ${time(drift.at, io)}`;
}

function stateWord(state: InstanceState, style: Style): string {
  // A newer muster may know more states.
  const word = Object.hasOwn(stateWords, state) ? stateWords[state] : plain(state);
  if (state === "in-service") return style.good(word);
  return state === "held" ? style.bad(word) : style.warn(word);
}

function patchedWords({ patched, patchTrouble = [] }: StatusReport, io: CommandIo, style: Style): string | undefined {
  const trouble = patchTrouble.map(({ code, source }) => (source === undefined ? code : `${code} (${source})`));
  const doubts = trouble.length === 0 ? "" : style.warn(plain(`; the last time with ${trouble.join(", ")}`));
  if (patched === undefined) return doubts === "" ? undefined : `never${doubts}`;
  const { at, upgraded, pending } = patched;
  return `${time(at, io)}, ${upgraded} upgraded, ${pending} pending${doubts}`;
}

/** What a retry keeps. While the instance is held, the state is that of the last try, and its reason too. */
function outRow({ out, state }: StatusReport, style: Style, io: CommandIo): string | undefined {
  if (out?.failure === undefined || (out.tries === 1 && state === "held")) return undefined;
  const { since, tries, failure } = out;
  const head = `of service since ${time(since, io)}; ${triesWords(tries)} failed`;
  const last = `, the last at ${time(failure.at, io)} at ${failure.stage}: ${failure.error.message}`;
  return style.bad(plain(state === "held" ? head : `${head}${last}`));
}

function pendingWords(pending: NonNullable<StatusReport["pending"]>, io: CommandIo): string {
  const { others = [], since, nextAt } = pending;
  const parts = [pending, ...others].map(({ stage, text }) =>
    others.length === 0 || stage === undefined ? text : `${stage}: ${text}`,
  );
  return `${parts.join("; ")}; since ${time(since, io)}, next try at ${time(nextAt, io)}`;
}

/** The checks of a serving instance; failing ones by name. */
function healthWords(health: HealthReport, style: Style): string {
  const failing = health.checks.filter(({ ok }) => !ok).length;
  if (failing === 0 && health.healthy) return `${health.checks.length} checks pass`;
  const verdict = health.healthy ? "" : "not healthy: ";
  const words = plain(`${verdict}${failing} of ${health.checks.length} checks fail: ${failingText(health.checks)}`);
  return health.healthy ? style.warn(words) : style.bad(words);
}

function cordonWords({ until, reason }: Cordon, io: CommandIo): string {
  return `until ${time(until, io)}: ${reason}`;
}

function pauseWords({ until, by, reason }: Pause, io: CommandIo): string {
  return `until ${time(until, io)} by ${by}: ${reason}`;
}

function runWords(status: StatusReport, io: CommandIo): string | undefined {
  const { run } = status;
  if (run === undefined) return undefined;
  const took = run.durationMs === undefined ? "under way" : `took ${formatDuration(run.durationMs)}`;
  return plain(`${run.id} (${describeStart(run.cause, run.startType)}), started ${time(run.startedAt, io)}, ${took}`);
}

/** One line each: the full text is in the error below, in a pipe, or in --json. */
function stageLine(stage: StageStatus, over: boolean, style: Style, columns: number): string {
  const took = stage.durationMs === undefined || stage.durationMs < 50 ? "" : ` (${formatDuration(stage.durationMs)})`;
  const known = stage.state === "pending" && over ? "not reached" : stage.text;
  const text = style.fit(known === "" ? stage.state : known, Math.max(leastText, columns - textColumn - took.length));
  const words = stage.state === "pending" ? style.dim(text) : text;
  return `  ${markOf(stage.state, style)} ${stage.stage.padEnd(9)} ${words}${style.dim(took)}`;
}

/** To the second, UTC, to compare logs of several machines. People see how long ago it was. */
function time(iso: string, io: CommandIo): string {
  const absolute = `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
  return io.isTty ? `${absolute} (${formatAgo(Date.parse(io.now()) - Date.parse(iso))})` : absolute;
}
