import { longestLine, type StateFiles } from "../../src/ports/state-files.ts";

/** State files in memory. */
export type FakeStateFiles = StateFiles & {
  /** What is there, by name. */
  readonly texts: Map<string, string>;
  /** The next writes and appends fail with this, until it is undefined again. */
  failWrites(error: Error | undefined): void;
};

export function createFakeStateFiles(initial: Readonly<Record<string, string>> = {}): FakeStateFiles {
  const texts = new Map(Object.entries(initial));
  let failure: Error | undefined;
  /** A file, or what is below a directory. */
  function inside(name: string): readonly string[] {
    return [...texts.keys()].filter((key) => key === name || key.startsWith(`${name}/`));
  }

  function guard(): void {
    if (failure !== undefined) throw failure;
  }
  return {
    texts,
    failWrites(error) {
      failure = error;
    },
    read: async (name) => texts.get(name),
    async *lines(name, from = 0) {
      const bytes = Buffer.from(texts.get(name) ?? "");
      for (let at = from; at < bytes.length;) {
        const end = bytes.indexOf("\n", at);
        const next = end < 0 ? bytes.length : end + 1;
        const line = bytes.subarray(at, end < 0 ? next : end);
        yield { text: line.length > longestLine ? undefined : line.toString("utf8"), next, complete: end >= 0 };
        at = next;
      }
    },
    async write(name, text) {
      guard();
      texts.set(name, text);
    },
    async append(name, text) {
      guard();
      texts.set(name, (texts.get(name) ?? "") + text);
    },
    async remove(name) {
      for (const key of texts.keys()) {
        if (key === name || key.startsWith(`${name}/`)) texts.delete(key);
      }
    },
    async list(directory) {
      const above = directory === "" ? "" : `${directory}/`;
      const inside = [...texts.keys()].filter((key) => key.startsWith(above));
      return [...new Set(inside.map((key) => key.slice(above.length).split("/")[0] ?? ""))].toSorted();
    },
    async setAside(name) {
      guard();
      let number = 1;
      while (inside(`${name}.unreadable-${number}`).length > 0) number += 1;
      const aside = `${name}.unreadable-${number}`;
      for (const key of inside(name)) {
        texts.set(key.replace(name, aside), texts.get(key) ?? "");
        texts.delete(key);
      }
      return `/state/${aside}`;
    },
    path: async (name) => `/state/${name}`,
  };
}
