// Sudden death at every transition of a run, once each; `npm run test:crash` plays all of it.
import { beforeAll, expect, test } from "vitest";

import { eachOnce, play, type Cell, type Played } from "./matrix.ts";

const cells = eachOnce().map((cell) => ({ ...cell, done: Promise.withResolvers<Played>() }));

beforeAll(() => {
  const doneOf = (cell: Cell) =>
    cells.find(({ row, story, kind }) => row === cell.row && story === cell.story && kind === cell.kind)?.done;
  // Side by side: what a cell takes is mostly waiting.
  play(cells, { atOnce: 3, tell: (played) => doneOf(played.cell)?.resolve(played) }).catch((error: unknown) => {
    for (const { done } of cells) done.reject(error);
  });
});

test.for(cells)("$story run, $kind dies at $row: the end is that of an undisturbed run", async ({ done }) => {
  const { died, wrong } = await done.promise;
  expect(wrong, `died at "${died}"`).toEqual([]);
});
