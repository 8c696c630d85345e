const complaint =
  /error|fail|fatal|cannot|can't|could ?n[o']t|unable|denied|refused|not found|no such|invalid|unknown|missing|timed out|expired|conflict|^E: /i;

/** Lines that only repeat the complaint of another line. */
const conclusion =
  /Sub-process \S+ returned an error code|^Errors were encountered|subprocess returned error exit status/;

/**
 * The line of a command's output that says why it failed: the first complaint, because later ones follow from it (`Load
 * key …: error in libcrypto`, then `Permission denied`, then `fatal: …`); without a complaint the last line.
 */
export function decisiveLine(lines: readonly string[]): string | undefined {
  const said = lines.map((line) => line.trim()).filter((line) => line !== "");
  return said.find((line) => complaint.test(line) && !conclusion.test(line)) ?? said.at(-1);
}
