import type { Style } from "./style.ts";
import { wrap } from "./text.ts";
import { againWords } from "../../error-pages/again.ts";
import type { ErrorPage } from "../../error-pages/page.ts";

/**
 * A page for a terminal: prose is wrapped to `columns` (on a pipe: `Infinity`), commands stay whole, on lines of their
 * own, to be copied.
 */
export function printPage(code: string, page: ErrorPage, columns: number, style: Pick<Style, "strong">): string {
  const causes = page.causes.map((cause) => `  - ${wrap(cause, columns, 4)}`);
  const todo = page.todo.flatMap((step, at) => {
    const [text, ...commands] = typeof step === "string" ? [step] : step;
    return [`  ${at + 1}. ${wrap(text, columns, 5)}`, ...commands.map((command) => `       ${command}`)];
  });
  const lines = [
    style.strong(code),
    `  ${wrap(page.happened, columns, 2)}`,
    "",
    style.strong("Likely causes"),
    ...causes,
    "",
    style.strong("What to do"),
    ...todo,
    ...(page.again === undefined
      ? []
      : ["", style.strong("Tried again"), `  ${wrap(againWords[page.again], columns, 2)}`]),
  ];
  return `${lines.join("\n")}\n`;
}
