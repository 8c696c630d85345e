import { expect, it } from "vitest";
import { longestLine, type StateFiles, type StateLine } from "../../src/ports/state-files.ts";

/** What every place for state files keeps to. @param open an empty one */
export function stateFilesSuite(open: () => StateFiles): void {
  function given(what: string, test: (files: StateFiles) => Promise<void>): void {
    it(what, async () => {
      await test(open());
    });
  }

  given("reads what was written, whole and in UTF-8; what was not is undefined", async (files) => {
    expect(await files.read("status.json")).toBeUndefined();
    expect(await files.read("runs/0001-abcd/journal.jsonl")).toBeUndefined();
    await files.write("status.json", "größe 漢字\n");
    expect(await files.read("status.json")).toBe("größe 漢字\n");
    await files.write("status.json", "shorter");
    expect(await files.read("status.json")).toBe("shorter");
  });

  given("appends behind what is there, in directories that were not", async (files) => {
    await files.append("runs/0001-abcd/journal.jsonl", "one\n");
    await files.append("runs/0001-abcd/journal.jsonl", "two\n");
    expect(await files.read("runs/0001-abcd/journal.jsonl")).toBe("one\ntwo\n");
  });

  given("reads line by line, and on from where it was", async (files) => {
    async function lines(from?: number): Promise<readonly StateLine[]> {
      return Array.fromAsync(files.lines("log.jsonl", from));
    }
    expect(await lines()).toEqual([]);
    await files.append("log.jsonl", "größe\n\n漢");
    expect(await lines()).toEqual([
      { text: "größe", next: 8, complete: true },
      { text: "", next: 9, complete: true },
      { text: "漢", next: 12, complete: false },
    ]);
    await files.append("log.jsonl", "字\n");
    expect(await lines(9)).toEqual([{ text: "漢字", next: 16, complete: true }]);
    expect(await lines(16)).toEqual([]);
  });

  given("passes over a line that is too long, and goes on behind it", async (files) => {
    const long = "漢字".repeat(longestLine / 6 + 1);
    await files.append("log.jsonl", `${"x".repeat(longestLine)}\n${long}\nlast\n`);
    const found = await Array.fromAsync(files.lines("log.jsonl"));
    expect(found.map(({ text }) => text?.length)).toEqual([longestLine, undefined, 4]);
  });

  given("lists names, sorted; nothing where there is nothing", async (files) => {
    expect(await files.list("runs")).toEqual([]);
    await files.append("runs/0002-abcd/journal.jsonl", "x");
    await files.append("runs/0001-abcd/journal.jsonl", "x");
    expect(await files.list("runs")).toEqual(["0001-abcd", "0002-abcd"]);
  });

  given("removes a file or a whole directory, also one that is not there", async (files) => {
    await files.write("runs/0001-abcd/journal.jsonl", "x");
    await files.write("status.json", "x");
    await files.remove("runs");
    await files.remove("runs");
    await files.remove("status.json");
    expect(await files.list("runs")).toEqual([]);
    expect(await files.read("status.json")).toBeUndefined();
    await files.write("runs/0001-abcd/journal.jsonl", "again");
    expect(await files.read("runs/0001-abcd/journal.jsonl")).toBe("again");
  });

  given("sets aside what cannot be read, a file or a directory, and keeps it", async (files) => {
    await files.write("membership.json", "?");
    expect(await files.setAside("membership.json")).toMatch(/\/membership\.json\.unreadable-1$/);
    expect(await files.read("membership.json")).toBeUndefined();
    expect(await files.read("membership.json.unreadable-1")).toBe("?");
    await files.write("runs/0001-abcd/journal.jsonl", "?");
    await files.setAside("runs/0001-abcd");
    expect(await files.list("runs")).toEqual(["0001-abcd.unreadable-1"]);
  });

  given("sets a second one aside beside the first", async (files) => {
    for (const text of ["first", "second"]) {
      await files.write("membership.json", text);
      await files.setAside("membership.json");
    }
    expect(await files.read("membership.json.unreadable-1")).toBe("first");
    expect(await files.read("membership.json.unreadable-2")).toBe("second");
  });

  given("many writers of one file end with one of their texts", async (files) => {
    const texts = Array.from({ length: 20 }, (_, index) => `${index}`.repeat(5000));
    await Promise.all(texts.map((text) => files.write("status.json", text)));
    expect(texts).toContain(await files.read("status.json"));
  });
}
