import type { StandIn } from "./repo-content.ts";

// The content that git holds of a checkout, which is what instances get, compared with its working tree.

/** Why git does not hold a file of the working tree. */
export type NotHeld =
  /** `by` is the line that says so, as `.gitignore:3 (modules/)`. */
  | { readonly kind: "ignored"; readonly by: string }
  | { readonly kind: "not-added" }
  /** A directory without a file. */
  | { readonly kind: "empty" };

export type HeldContent = {
  readonly standIns: readonly StandIn[];
  /** The requested paths for which git holds no content. */
  readonly notHeld: ReadonlyMap<string, NotHeld>;
  /** Files of the working tree below these paths that git does not hold; directories end with a slash. */
  readonly leftOut: readonly (NotHeld & { readonly path: string })[];
};

/** Undefined: not the root of a git checkout, so there is nothing to compare with. */
export type HeldAnswer = HeldContent | { readonly unseen: string } | undefined;
