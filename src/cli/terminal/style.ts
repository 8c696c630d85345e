import type { StageStatus } from "../../domain/instance/status.ts";
import type { CommandIo } from "../command.ts";
import { fit } from "./text.ts";

export { fit, plain, wrap } from "./text.ts";

/** The style of this terminal: its colours, and the marks that it can show. */
export type Style = {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly marks: Marks;
  /** Cut to a width, with the ellipsis of the marks. */
  readonly fit: (text: string, width: number) => string;
};

const unicodeMarks = {
  done: "✔",
  failed: "✘",
  warning: "!",
  info: "i",
  skipped: "-",
  step: "·",
  planned: "→",
  busy: "…",
  ellipsis: "…",
  spinner: ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"],
} as const;

/** Marks with a meaning, one column each; only the ellipsis may be longer. */
export type Marks = Readonly<Record<Exclude<keyof typeof unicodeMarks, "spinner">, string>> & {
  readonly spinner: readonly string[];
};

const asciiMarks: Marks = {
  ...unicodeMarks,
  done: "+",
  failed: "x",
  step: ".",
  planned: ">",
  busy: ".",
  ellipsis: "...",
  spinner: ["|", "/", "-", "\\"],
};

export function styleFor(io: Pick<CommandIo, "color" | "unicode">): Style {
  const paint = (open: number, close: number) => (text: string) =>
    io.color ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  const marks = io.unicode ? unicodeMarks : asciiMarks;
  return {
    good: paint(32, 39),
    bad: paint(31, 39),
    warn: paint(33, 39),
    dim: paint(2, 22),
    strong: paint(1, 22),
    marks,
    fit: (text, width) => fit(text, width, marks.ellipsis),
  };
}

/** The mark of a stage's state. */
export function markOf(state: StageStatus["state"], { marks, good, bad, dim }: Style): string {
  switch (state) {
    case "pending":
      return " ";
    case "running":
    case "waiting":
      return dim(marks.busy);
    case "changed":
      return good(marks.done);
    case "unchanged":
    case "replayed":
      return dim(marks.done);
    case "skipped":
      return dim(marks.skipped);
    case "failed":
      return bad(marks.failed);
  }
}
