// The line of what is running, in a window that people resize, leave and come back to.
import { describe, expect, test } from "vitest";
import { showProgress } from "../../../../src/cli/terminal/progress.ts";
import { createFakeIo } from "../../../fakes/command-io.ts";
import { createScreen, type Screen } from "../../../fakes/screen.ts";

/** A run on a terminal that is resized while one looks: what was written so far is on the screen by then. */
function createWindow(columns: number, rows: number) {
  const io = createFakeIo({ isTty: true, columns });
  const terminal = createScreen(columns, rows, true);
  let seen = 0;
  return {
    io,
    progress: showProgress(io, false),
    async resize(toColumns: number, toRows: number): Promise<void> {
      await this.screen();
      terminal.resize(toColumns, toRows);
      io.resize(toColumns);
    },
    async screen(): Promise<Screen> {
      const all = io.stdout();
      await terminal.write(all.slice(seen));
      seen = all.length;
      return terminal;
    },
  };
}

const event = { at: "2026-01-01T00:00:00.000Z", run: "0001-abcd" };

test("the live line never wraps, however narrow the terminal and long the text", async () => {
  for (const columns of [20, 40, 80]) {
    const window = createWindow(columns, 24);
    window.progress.onEvent({ type: "stage-started", stage: "converge", ...event });
    const text = "\u{1f600}漢字e\u0301".repeat(50);
    window.progress.onEvent({ type: "stage-progress", stage: "converge", text, waiting: false, ...event });
    window.io.tick(100 * 60_000);
    expect((await window.screen()).text().split("\n")).toHaveLength(1);
  }
});

describe("a terminal that is resized", () => {
  const stays = "what stays ".repeat(14).trimEnd();

  function begin({ progress, io }: ReturnType<typeof createWindow>): void {
    progress.onEvent({ type: "notice", level: "info", code: "tag-refused", text: stays, ...event });
    for (const stage of ["index", "patch"] as const) {
      progress.onEvent({ type: "stage-started", stage, ...event });
      progress.onEvent({ type: "stage-progress", stage, text: `${stage}ing `.repeat(40), waiting: false, ...event });
    }
    io.tick(300);
  }

  test.each([
    ["narrower", [60, 24]],
    ["much narrower", [30, 24]],
    ["lower than what it shows", [120, 1]],
    ["lower and narrower", [50, 2]],
    ["wider", [200, 24]],
  ] as const)("%s shows what runs once, and what stays whole", async (_how, [columns, rows]) => {
    const window = createWindow(120, 24);
    begin(window);
    for (const [toColumns, toRows] of [
      [columns, rows],
      [120, 24],
      [columns, rows],
    ] as const) {
      await window.resize(toColumns, toRows);
      window.io.tick(300);
      const shown = (await window.screen()).text();
      // Breaks of a terminal's own stand within words: all of it, without any white space.
      const [above = "", live = "", ...again] = shown.replaceAll(/\s/g, "").split(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/);
      expect(above, shown).toBe(`i${stays.replaceAll(" ", "")}`);
      expect(live, shown).toMatch(/^index/);
      expect(again, shown).toEqual([]);
    }
    window.progress.stop();
    expect((await window.screen()).text().replaceAll(/\s/g, "")).toBe(`i${stays.replaceAll(" ", "")}`);
  });

  test("that wraps the cursor's line too: the cursor is at its beginning, and what follows is taken away", async () => {
    const window = createWindow(120, 24);
    begin(window);
    const terminal = await window.screen();
    expect(terminal.cursor()).toEqual({ column: 0, line: terminal.text().split("\n").length - 1 });
    // Here it is done by hand: this terminal is of those that leave the cursor's line alone.
    await terminal.write("\n the rest of the line, wrapped\u001b[A\r");
    window.io.tick(300);
    expect((await window.screen()).text()).not.toContain("wrapped");
  });

  test("while a line is drawn for the size before", async () => {
    const { io, progress } = createWindow(120, 24);
    progress.onEvent({ type: "stage-started", stage: "patch", ...event });
    progress.onEvent({ type: "stage-progress", stage: "patch", text: "y ".repeat(100), waiting: false, ...event });
    io.tick(300);
    io.resize(60);
    io.tick(300);
    // What was written for 120 columns arrives at a terminal that has 60 by now.
    const late = createScreen(60, 24, true);
    await late.write(io.stdout());
    expect(late.text().split("\n"), late.text()).toHaveLength(1);
  });
});

test.each([
  [80, "  ⠴ index reading l… 0.3 s   config fetching… 0.3 s   patch 0.3 s +1"],
  [60, "  ⠴ index reading lis… 0.3 s   config fetching m… 0.3 s +2"],
  [40, "  ⠴ index reading lists from … 0.3 s +3"],
])("in %i columns stages that run together share the line, and the rest is counted", async (columns, line) => {
  const window = createWindow(columns, 24);
  for (const stage of ["index", "config", "patch", "converge"] as const)
    window.progress.onEvent({ type: "stage-started", stage, ...event });
  for (const [stage, text] of [
    ["index", "reading lists from here"],
    ["config", "fetching main"],
  ] as const)
    window.progress.onEvent({ type: "stage-progress", stage, text, waiting: false, ...event });
  window.io.tick(300);
  expect((await window.screen()).text()).toBe(line);
});

test("Ctrl-Z gets a clean terminal, and the next drawing does not reach above", async () => {
  const window = createWindow(80, 24);
  window.progress.onEvent({ type: "stage-started", stage: "index", ...event });
  window.progress.onEvent({ type: "stage-started", stage: "patch", ...event });
  expect((await window.screen()).text()).toContain("patch");
  window.io.suspend();
  expect((await window.screen()).text()).toBe("");
  window.io.out("[1]+  Stopped\n$ fg\n");
  window.io.tick(300);
  expect((await window.screen()).text()).toMatch(/^\[1\]\+ {2}Stopped\n\$ fg\n {2}\S index .* patch .*$/);
});

test("Ctrl-C takes the live lines away at once; what finishes meanwhile is told", async () => {
  const window = createWindow(80, 24);
  window.progress.onEvent({ type: "stage-started", stage: "index", ...event });
  expect((await window.screen()).text()).toContain("index");
  window.io.interrupt();
  expect((await window.screen()).text()).toBe("");
  window.io.tick(300);
  expect((await window.screen()).text()).toBe("");
  window.progress.onEvent({ type: "notice", level: "info", code: "tag-refused", text: "ended", ...event });
  expect((await window.screen()).text()).toBe("  i ended");
});
