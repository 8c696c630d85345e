import type { StandIn } from "./repo-content.ts";

// What git holds of a checkout, which is what instances get, as against what its working tree shows.

/** Why git does not hold what a working tree has. */
export type NotHeld =
  /** `by` is the line that says so, as `.gitignore:3 (modules/)`. */
  | { readonly kind: "ignored"; readonly by: string }
  | { readonly kind: "not-added" }
  /** A directory without a file. */
  | { readonly kind: "empty" };

export type HeldContent = {
  readonly standIns: readonly StandIn[];
  /** The paths that were asked for and of which git holds nothing. */
  readonly notHeld: ReadonlyMap<string, NotHeld>;
  /** What the working tree has below paths that git does hold, and git does not have; directories end with a slash. */
  readonly leftOut: readonly (NotHeld & { readonly path: string })[];
};

/** Undefined: no root of a git checkout, so there is nothing to compare with. */
export type HeldAnswer = HeldContent | { readonly unseen: string } | undefined;
