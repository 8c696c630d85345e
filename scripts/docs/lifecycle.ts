import { readFileSync } from "node:fs";
import { join } from "node:path";
import { instanceStates } from "../../src/domain/instance/state.ts";
import { transitions } from "../../src/domain/instance/transitions.ts";

const begin = "<!-- Written by `npm run docs` from src/domain/instance/transitions.ts. -->";
const end = "<!-- Written by hand again. -->";

/** docs/lifecycle.md: written by hand, but for the diagram and the table of its states. */
export function lifecyclePage(): string {
  const page = readFileSync(join(import.meta.dirname, "../../docs/lifecycle.md"), "utf8");
  const [before, rest = ""] = page.split(`${begin}\n`);
  const [, after] = rest.split(`${end}\n`);
  if (before === undefined || after === undefined)
    throw new Error("docs/lifecycle.md has no place for the transitions");
  return `${before}${begin}\n\n${diagram()}\n${table()}\n${end}\n${after}`;
}

/** What usually happens, one arrow a pair of states. */
function diagram(): string {
  const drawn = transitions.filter(({ from, to, rare }) => from !== to && !rare);
  const inOrder = instanceStates.flatMap((state) => drawn.filter(({ from }) => from === state));
  const arrows = Map.groupBy(inOrder, ({ from, to }) => `${nodeOf(from)} --> ${nodeOf(to)}`);
  const lines = [...arrows].map(
    ([arrow, each]) => `  ${arrow}: ${[...new Set(each.map(({ why }) => why))].join(", or ")}`,
  );
  return ["```mermaid", "stateDiagram-v2", "  [*] --> new", ...lines, "```", ""].join("\n");
}

/** Everything that happens; states that an event changes alike share a row. */
function table(): string {
  const rows = Map.groupBy(transitions, ({ event, to, why, rare }) => [event, to, why, rare].join("|"));
  const lines = [...rows.values()].flatMap((each) => {
    const [one] = each;
    if (one === undefined) return [];
    const from = each.map((other) => `\`${other.from}\``).join(", ");
    return [`| ${from} | \`${one.event}\` | \`${one.to}\` | ${one.why} |`];
  });
  return ["| from | trigger | to | why |", "|---|---|---|---|", ...lines, ""].join("\n");
}

function nodeOf(state: string): string {
  return state.replaceAll("-", "_");
}
