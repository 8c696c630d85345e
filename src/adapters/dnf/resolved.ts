/** One line of the table in which a transaction is shown before it begins. */
export type Planned = { readonly name: string; readonly arch: string; readonly version: string };

/** A transaction that was resolved and not begun. */
export type Resolved = {
  readonly upgrades: readonly Planned[];
  /** New packages that upgrades bring in, new kernels too. */
  readonly installs: readonly Planned[];
  /** Packages with a newer version that cannot be installed. */
  readonly skipped: readonly Planned[];
};

type Section = keyof Resolved;

/**
 * Reads the table out of `upgrade --assumeno` (dnf 4 and 5):
 *
 * ```
 * Upgrading:
 *  app      noarch  1.1-1  lab  5.9 k
 * Installing dependencies:
 *  a-name-that-is-too-long-for-its-column
 *           noarch  1.0-1  lab  5.9 k
 *      replacing  old.noarch 1.0-1
 * Skipping packages with broken dependencies:
 *  needs    noarch  1.1-1  lab  5.9 k
 *
 * Transaction Summary
 * ```
 */
export function parseResolved(output: string): Resolved {
  const found: Record<Section, Planned[]> = { upgrades: [], installs: [], skipped: [] };
  let section: Section | undefined;
  let row: string[] = [];
  function endRow(): void {
    const [name, arch, version] = row;
    if (section !== undefined && name !== undefined && arch !== undefined && version !== undefined) {
      found[section].push({ name, arch, version: version.replace(/^0:/, "") });
    }
    row = [];
  }
  for (const line of output.split("\n")) {
    const wrapped = /^ {2,}\S/.test(line);
    if (wrapped && row.length > 0 && !/^ +replacing /.test(line)) row.push(...wordsOf(line));
    if (wrapped) continue;
    endRow();
    if (/^ \S/.test(line)) row = wordsOf(line);
    else section = sectionOf(line);
  }
  endRow();
  return found;
}

function sectionOf(line: string): Section | undefined {
  if (/^Upgrading:\s*$/.test(line)) return "upgrades";
  if (/^Installing(?: (?:weak )?dependencies)?:\s*$/.test(line)) return "installs";
  return /^Skipping packages with .*:\s*$/.test(line) ? "skipped" : undefined;
}

function wordsOf(line: string): string[] {
  return line.trim().split(/\s+/);
}
