import type { EngineName, StepOf } from "./role.ts";

/** A path of the config repo that a step names. */
export type NamedPath = {
  readonly use: "manifest" | "modules" | "hiera";
  /** As the catalogue has it, from the root of the repo. */
  readonly path: string;
  /** The value that names it, from the step on. */
  readonly at: readonly (string | number)[];
  /** What has to be there. */
  readonly kinds: readonly ("file" | "directory")[];
};

/** What is known of an engine without running it. */
type Engine<E extends EngineName> = {
  /** What a run calls, as a line of a plan, and what belongs to it. */
  plan(step: StepOf<E>): { readonly text: string; readonly details: readonly string[] };
  /** The paths that the step names. */
  paths(step: StepOf<E>): readonly NamedPath[];
};

/** Every engine that a step of the catalogue may name. */
const engines: { readonly [E in EngineName]: Engine<E> } = {
  puppet: {
    plan: ({ manifest, modules, hiera }) => ({
      text: `puppet apply ${manifest}`,
      details: [`modules ${modules.join(", ")}`, ...(hiera === undefined ? [] : [`hiera ${hiera}`])],
    }),
    paths: ({ manifest, modules, hiera }) => [
      { use: "manifest", path: manifest, at: ["manifest"], kinds: ["file", "directory"] },
      ...modules.map((path, item): NamedPath => ({
        use: "modules",
        path,
        at: ["modules", item],
        kinds: ["directory"],
      })),
      ...(hiera === undefined ? [] : [{ use: "hiera", path: hiera, at: ["hiera"], kinds: ["file"] } as const]),
    ],
  },
};

/** A step as a dry run shows it. */
export function planOf<E extends EngineName>(step: StepOf<E>): ReturnType<Engine<E>["plan"]> {
  return engines[step.engine].plan(step);
}

/** The paths of the config repo that a step names. */
export function pathsOf<E extends EngineName>(step: StepOf<E>): readonly NamedPath[] {
  return engines[step.engine].paths(step);
}
