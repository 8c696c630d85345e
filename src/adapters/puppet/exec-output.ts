import { decisiveLine } from "../../domain/decisive-line.ts";

/** Of a message, what it says and what says it. */
type Said = { readonly source: string; readonly message: string };

/**
 * What an `exec` printed, which Puppet logs line by line before it says that the command failed: of the latest one, the
 * line that says why.
 */
export function createExecOutput() {
  let heard: { readonly resource: string; readonly line: string } | undefined;
  return {
    hear({ source, message }: Said, resource: string | undefined): void {
      if (resource === undefined || !source.endsWith("/returns")) return;
      const before = heard?.resource === resource ? [heard.line] : [];
      const line = decisiveLine([...before, message]);
      if (line !== undefined) heard = { resource, line };
    },

    /** The reason with what the command itself printed before it, or the line of a longer reason that says most. */
    explain(reason: string, resource: string): string {
      if (heard?.resource === resource) return `${heard.line} (${reason})`;
      const [first = "", ...more] = reason.split("\n");
      const line = decisiveLine(more);
      return line === undefined ? first : `${first}\n${line}`;
    },
  };
}
