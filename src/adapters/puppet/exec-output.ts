import { decisiveLine } from "../../domain/errors/decisive-line.ts";

/** The text and the source of a message. */
type Said = { readonly source: string; readonly message: string };

/**
 * The output of an `exec`, which Puppet logs line by line before it reports the failure: of the latest one, the
 * decisive line.
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

    /** The reason together with the output of the command before it, or the decisive line of a longer reason. */
    explain(reason: string, resource: string): string {
      if (heard?.resource === resource) return `${heard.line} (${reason})`;
      const [first = "", ...more] = reason.split("\n");
      const line = decisiveLine(more);
      return line === undefined ? first : `${first}\n${line}`;
    },
  };
}
