/** The packages in dpkg's database, as far as they matter before an upgrade. */
export type PackageStates = {
  /** Unpacked and not configured, half installed, waiting for triggers. */
  readonly unfinished: readonly string[];
  /** Those whose files are damaged: only a new installation helps. */
  readonly torn: readonly string[];
  readonly held: readonly string[];
};

/** One package a line: wanted state, state and error as three letters (dpkg-query(1), `db:Status-Abbrev`), name. */
export const statesFormat = "${db:Status-Abbrev} ${binary:Package}\\n";

/** @param output of `dpkg-query --show` in {@link statesFormat} */
export function parseStates(output: string): PackageStates {
  const packages = output.split("\n").flatMap((line) => {
    const match = /^(.)(.)(.) (\S+)$/.exec(line);
    return match === null ? [] : [{ want: match[1], state: match[2], error: match[3], name: match[4] ?? "" }];
  });
  return {
    // H half installed, U unpacked, F half configured, W and t triggers; R: has to be installed again.
    unfinished: packages.filter(({ state, error }) => /[HUFWt]/.test(state ?? "") || error === "R").map(nameOf),
    torn: packages.filter(({ error }) => error === "R").map(nameOf),
    held: packages.filter(({ want, state }) => want === "h" && state === "i").map(nameOf),
  };
}

function nameOf({ name }: { readonly name: string }): string {
  return name;
}
