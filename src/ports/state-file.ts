import type { StateFileName } from "../domain/settings/own-state.ts";
import type { StateFiles } from "./state-files.ts";

/** What a zod schema and a guard have in common. */
export type Shape<State> = {
  safeParse(value: unknown): { readonly success: true; readonly data: State } | { readonly success: false };
};

/**
 * One state file of format 1: JSON on one line, with the version in `v`.
 *
 * Keys that the schema does not name are those of a newer binary. They are passed over, and stay in the file only where
 * the schema is loose: the rest of the file is written for a new fact, which the newer binary's keys do not belong to.
 */
export type StateFile<State> = {
  readonly name: StateFileName;
  /** @returns undefined without a file, and for one that is garbled or of another version */
  read(files: Pick<StateFiles, "read">): Promise<State | undefined>;
  /** On disk when it resolves. */
  write(files: Pick<StateFiles, "write">, state: State): Promise<void>;
  remove(files: Pick<StateFiles, "remove">): Promise<void>;
  /** Whether a JSON value says what the file has to say, or is of another version. */
  isSound(value: unknown): boolean;
};

const version = 1;

/** Declares a state file. Its name is one that a clone of the image forgets: the compiler refuses any other. */
export function stateFile<State extends object>(name: StateFileName, shape: Shape<State>): StateFile<State> {
  function stateOf(value: unknown): State | undefined {
    if (versionOf(value) !== version) return undefined;
    const parsed = shape.safeParse(value);
    return parsed.success ? parsed.data : undefined;
  }

  return {
    name,
    async read(files) {
      return stateOf(jsonIn(await files.read(name)));
    },
    write: (files, state) => files.write(name, textOf(state)),
    remove: (files) => files.remove(name),
    isSound(value) {
      const found = versionOf(value);
      return (found !== undefined && found !== version) || stateOf(value) !== undefined;
    },
  };
}

function textOf(state: object): string {
  return `${JSON.stringify({ v: version, ...state })}\n`;
}

/** The value of a JSON text; undefined for anything else. */
export function jsonIn(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function versionOf(value: unknown): number | undefined {
  return typeof value === "object" && value !== null && "v" in value && typeof value.v === "number"
    ? value.v
    : undefined;
}
