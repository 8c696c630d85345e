import type { Reloads } from "../../src/ports/reloads.ts";

/** `ask` is what SIGHUP is. */
export type FakeReloads = Reloads & { ask(): void };

export function createFakeReloads(): FakeReloads {
  let isAsked = false;
  let heard = Promise.withResolvers<void>();
  return {
    ask() {
      isAsked = true;
      heard.resolve();
    },
    async asked(signal) {
      heard = Promise.withResolvers();
      signal.addEventListener("abort", () => heard.reject(signal.reason), { once: true });
      if (isAsked) heard.resolve();
      await heard.promise;
      isAsked = false;
    },
  };
}
