const maxText = 300;

/**
 * One line of readable length: `(file: F, line: L, column: C)` as `(F:L:C)`, files relative to the repo, the
 * last lines of a command's output rather than its first (apt says there what went wrong).
 */
export function brief(text: string, directory: string): string {
  const line = text
    .replaceAll(
      /\(file: ([^,()]+)(?:, line: (\d+))?(?:, column: (\d+))?\)/g,
      (_whole, ...parts: (string | undefined)[]) =>
        `(${parts
          .slice(0, 3)
          .filter((part) => part !== undefined)
          .join(":")})`,
    )
    .replaceAll(`${directory}/`, "")
    .replace(/ on node \S+$/, "")
    .split("\n")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .join(" | ");
  if (line.length <= maxText) return line;
  return `${line.slice(0, maxText / 2)} … ${line.slice(-maxText / 2)}`;
}
