/**
 * The content of a state file that may be lost: it only saves time, or can be found out again.
 * @param schema of the file, with its version `v`
 * @returns undefined without a file, and for a damaged file or another version
 */
export function stateIn<State extends { readonly v: number }>(
  schema: { parse(value: unknown): State },
  text: string | undefined,
): Omit<State, "v"> | undefined {
  if (text === undefined) return undefined;
  try {
    const { v: _version, ...state } = schema.parse(JSON.parse(text));
    return state;
  } catch {
    return undefined;
  }
}
