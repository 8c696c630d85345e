// Plays cells side by side, and says what came of them.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { type Outcome, playCell, type When } from "./cell.ts";
import { deaths, type Kind, kinds } from "./death.ts";
import { leftInBackground, plainRun, rebootingRun } from "./moments.ts";
import { createScene, type Scene, type Story } from "./scene.ts";

export interface Cell {
  story: Story;
  /** The row that it belongs to. */
  row: string;
  when: (scene: Scene) => When;
  kind: Kind;
}

export interface Played extends Outcome {
  cell: Cell;
}

const stories = { plain: plainRun, rebooting: rebootingRun } as const;

/** Every transition once; the deaths take turns. And what operators do, once each where it hurts most. */
export function eachOnce(): Cell[] {
  const rows = allRows().filter(({ story, row }) => !row.startsWith("before ") && (story === "plain" || isNew(row)));
  // What is left in the background has to outlive the agent: the other deaths take it along.
  const left = rows
    .filter(({ row }) => row === leftInBackground.name)
    .map((row) => ({ ...row, kind: "agent" as const }));
  const others = rows.filter(({ row }) => row !== leftInBackground.name);
  const died = others.map((row, index) => ({ ...row, kind: turn(deaths, index) }));
  const work = rows.filter(({ row }) => row === "dpkg unpacks" || row === "Puppet applies");
  const disturbed = (["restart", "stop, start", "second run", "disk full"] as const).map((kind, index) => ({
    ...turn(work, index),
    kind,
  }));
  return [...died, ...left, ...disturbed];
}

function turn<T>(of: readonly T[], index: number): T {
  return of[index % of.length] as T;
}

/** Whether only a run that reboots has this transition. */
function isNew(row: string): boolean {
  return !plainRun.some(({ name }) => name === row);
}

/** Every transition by every kind. */
export function everyCell(): Cell[] {
  return allRows().flatMap((row) => kinds.map((kind) => ({ ...row, kind })));
}

function allRows(): Omit<Cell, "kind">[] {
  return (["plain", "rebooting"] as const).flatMap((story) =>
    stories[story].map((moment) => ({ story, row: moment.name, when: () => moment })),
  );
}

/** @param random gives numbers from 0 to 1 */
export function atRandom(count: number, random: () => number): Cell[] {
  return Array.from({ length: count }, (_, index) => {
    const part = random();
    const story = random() < 0.5 ? "plain" : "rebooting";
    const when = (scene: Scene): number => Math.round(part * scene.undisturbedMs);
    return { story, row: "at random", when, kind: turn(deaths, index) };
  });
}

/** A world has addresses for so many instances, each for one of them alone: its gates are told by its address. */
const cellsOfWorld = 200;

/** Plays them, as many side by side as said; instances of a story share a world, that is made when it is needed. */
export async function play(
  cells: readonly Cell[],
  { atOnce, tell }: { atOnce: number; tell: (played: Played) => void },
): Promise<Played[]> {
  const played: Played[] = [];
  for (const story of ["plain", "rebooting"] as const) {
    const ofStory = cells.filter((cell) => cell.story === story);
    while (ofStory.length > 0) {
      const waiting = ofStory.splice(0, cellsOfWorld);
      await using scene = await createScene(story);
      await Promise.all(Array.from({ length: atOnce }, () => playAll(scene, waiting, report)));
    }
  }
  return played;

  function report(one: Played): void {
    played.push(one);
    keepLog(one);
    tell(one);
  }
}

async function playAll(scene: Scene, waiting: Cell[], report: (played: Played) => void): Promise<void> {
  for (let cell = waiting.shift(); cell !== undefined; cell = waiting.shift()) {
    report({ cell, ...(await playCell(scene, cell.when(scene), cell.kind)) });
  }
}

const logs = join(import.meta.dirname, "../../../tmp/crash");

function keepLog({ cell, wrong, log }: Played): void {
  if (wrong.length === 0) return;
  mkdirSync(logs, { recursive: true });
  const name = `${cell.story}-${cell.row}-${cell.kind}`.replaceAll(/[^a-z0-9]+/g, "-");
  writeFileSync(join(logs, `${name}.log`), `${wrong.join("\n")}\n\n${log}`);
}

/** transition × kind of death × passed of played. */
export function matrixText(played: readonly Played[]): string {
  const columns = kinds.filter((kind) => played.some(({ cell }) => cell.kind === kind));
  const lines = [row("", columns)];
  for (const story of ["plain", "rebooting"] as const) {
    const ofStory = played.filter(({ cell }) => cell.story === story);
    const order = [...stories[story].map(({ name }) => name), "at random"];
    const rows = order.filter((name) => ofStory.some(({ cell }) => cell.row === name));
    if (rows.length > 0) lines.push(`${story} run`);
    for (const name of rows) {
      const cells = columns.map((kind) => ofStory.filter(({ cell }) => cell.row === name && cell.kind === kind));
      lines.push(row(`  ${name}`, cells.map(resultText)));
    }
  }
  return lines.join("\n");
}

function resultText(cells: readonly Played[]): string {
  if (cells.length === 0) return "";
  const passed = cells.filter(({ wrong }) => wrong.length === 0).length;
  return `${passed === cells.length ? "ok" : "FAILED"} ${passed}/${cells.length}`;
}

function row(first: string, others: readonly string[]): string {
  return `${first.padEnd(32)}${others.map((text) => text.padEnd(16)).join("")}`.trimEnd();
}
