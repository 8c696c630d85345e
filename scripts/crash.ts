// The whole crash matrix: `npm run test:crash -- [--times=N] [--random=N] [--seed=N] [--only=TEXT]... [--kind=KIND]... [--at-once=N]`.
import { parseArgs } from "node:util";

import { buildNext, kinds } from "../test/e2e/crash/death.ts";
import { atRandom, everyCell, matrixText, play, type Played } from "../test/e2e/crash/matrix.ts";

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      times: { type: "string", default: "3" },
      random: { type: "string", default: "30" },
      seed: { type: "string", default: String(Date.now() % 1_000_000) },
      only: { type: "string", multiple: true, default: [""] },
      kind: { type: "string", multiple: true, default: kinds },
      "at-once": { type: "string", default: "3" },
    },
  });
  const seed = Number(values.seed);
  const every = Array.from({ length: Number(values.times) }, everyCell).flat();
  const cells = [...every, ...atRandom(Number(values.random), randomFrom(seed))].filter(
    ({ story, row, kind }) =>
      values.only.some((text) => `${story}: ${row}: ${kind}`.includes(text)) && values.kind.includes(kind),
  );
  if (cells.some(({ kind }) => kind === "upgrade")) await buildNext();
  console.log(`${cells.length} cells, seed ${seed}`);
  let count = 0;
  const played = await play(cells, {
    atOnce: Number(values["at-once"]),
    tell: (one) => console.log(`${String((count += 1)).padStart(4)} ${oneLine(one)}`),
  });
  console.log(`\n${matrixText(played)}`);
  const failed = played.filter(({ wrong }) => wrong.length > 0).length;
  console.log(`\n${played.length - failed} of ${played.length} passed; seed ${seed}`);
  process.exitCode = failed === 0 && played.length > 0 ? 0 : 1;
}

function oneLine({ cell, died, wrong, seconds }: Played): string {
  const where = `${cell.story}: ${cell.row}: ${cell.kind}, died at "${died}", ${seconds.toFixed(1)} s`;
  return wrong.length === 0
    ? `ok      ${where}`
    : `FAILED  ${where}\n${wrong.map((line) => `        ${line}`).join("\n")}`;
}

/** Numbers from 0 to 1 that a seed repeats (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

await main();
