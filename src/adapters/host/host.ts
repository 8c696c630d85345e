import type { Host } from "../../ports/host.ts";
import { readBootId } from "./boot-id.ts";

/** The running machine, as the kernel describes it. */
export function createHost(): Host {
  return {
    bootId: async () => readBootId(),
  };
}
