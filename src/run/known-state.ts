import type { z } from "zod";

/**
 * What a state file says that may be lost: it only saves time, or is said again by itself.
 * @returns undefined without a file, and for one that is garbled or of another version
 */
export function stateIn<State extends { readonly v: number }>(
  schema: z.ZodType<State>,
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
