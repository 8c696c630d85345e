// The suite's image, and programs that few cases need and that would slow all others: needrestart hooks itself into apt.
import { type Addition, imageDirectory, prepareImage, type Suite } from "./image.ts";
import type { Lock } from "./lock.ts";

const extras: Addition = { name: "extras", packages: ["needrestart", "faketime"] };

export function extrasImageDirectory(suite: Suite): string {
  return imageDirectory(suite, extras);
}

/** As prepareImage. */
export function prepareExtrasImage(suite: Suite, say: (line: string) => void): Lock {
  return prepareImage(suite, say, extras);
}
