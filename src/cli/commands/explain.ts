import { nearest } from "../../domain/text/nearest.ts";
import { MusterError } from "../../domain/errors/errors.ts";
import { explain } from "../../views/explain/explain.ts";
import type { ExplainInput } from "../../views/explain/input.ts";
import { noAnswer, type Command, type CommandIo } from "../command.ts";
import { errorAreas, errorPage } from "../../error-pages/pages.ts";
import { printPage } from "../terminal/print-error-page.ts";
import { printExplanation } from "../terminal/print-explanation.ts";
import { styleFor } from "../terminal/style.ts";
import { jsonText } from "../terminal/text.ts";

export type ExplainDeps = {
  /** Observes this machine and changes nothing. @param now ISO 8601 */
  observe(now: string): Promise<ExplainInput>;
};

/** `muster explain`. */
export function explainCommand(deps: ExplainDeps): Command {
  return {
    name: "explain",
    summary: "why the instance is in or out of service, what comes next, and what to do",
    details: [
      "The first lines are the answer and what to do about it. Then: the gate that is not passed, what comes next, the run and its slowest part, which commit and why that one, and the values that bear on it with where they came from. It works without the daemon, and with settings that are not valid.",
      "With CODE, the page of an error code: what happened, likely causes, what to do.",
      "Exit status: 0 explained, 1 the status cannot be read, 2 no such code, 5 the daemon does not answer. Whether the instance is in service is the exit status of muster status.",
    ].join("\n\n"),
    arguments: [{ name: "code", summary: "of an error, as health-failed", optional: true }],
    options: [
      { flags: "-a, --all", summary: "every value of settings and role, defaults included" },
      { flags: "--json", summary: "everything, as JSON" },
    ],
    async run({ args: [code], options }, io) {
      if (code !== undefined) return explainCode(code, io);
      const input = await deps.observe(io.now());
      if (options["json"] === true) io.out(explanationJson(input));
      else io.out(printExplanation(explain(input), options["all"] === true, io));
      if (isUnkept(input)) return noAnswer;
      return input.status === undefined ? 1 : 0;
    },
  };
}

/** Whether no daemon answers. Before a reboot the daemon goes first, which is normal. */
function isUnkept({ agent, status }: ExplainInput): boolean {
  return agent.kind === "silent" || (agent.kind === "gone" && status?.state !== "rebooting");
}

/** All known facts, as JSON. */
export function explanationJson(input: ExplainInput): string {
  const { status, wish, agent } = input;
  return `${jsonText({ version: 1, ...explain(input), agent, wish, status }, 2)}\n`;
}

function explainCode(code: string, io: CommandIo): number {
  const page = errorPage(code);
  if (page === undefined) throw unknownCode(code);
  io.out(printPage(code, page, io.columns, styleFor(io)));
  return 0;
}

function unknownCode(code: string): MusterError {
  const near = nearest(
    code,
    errorAreas.flatMap(({ pages }) => Object.keys(pages)),
  );
  return new MusterError({
    code: "usage-unknown-code",
    message: `There is no error code ${JSON.stringify(code)}`,
    hint: `${near === undefined ? "" : `Did you mean ${near}? `}Codes stand in brackets behind an error; docs/errors.md lists them all.`,
  });
}
