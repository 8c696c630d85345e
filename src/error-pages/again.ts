/** Who tries again by itself after an error. `test/unit/error-pages/promises.test.ts` names the code that does. */
export type Again = "held" | "run" | "membership" | "window" | "health";

const held = "While the instance is held and not paused, the daemon makes the run again by itself.";

/** As sentences of a page. */
export const againWords: Readonly<Record<Again, string>> = {
  held,
  run: `A run tries for some time before it gives up, a command by hand once. ${held}`,
  membership: "A run tries until its deadline. The daemon goes on by itself until all is as desired.",
  window: "The daemon tries again by itself while the patch window is open, and in the next one.",
  health: "The daemon asks again by itself as long as the checks fail.",
};
