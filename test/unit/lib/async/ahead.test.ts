import { expect, test } from "vitest";
import { inOrder } from "../../../../src/lib/async/ahead.ts";

/** Work that ends when it is told to, in any order. */
function createBench() {
  const ends = new Map<number, PromiseWithResolvers<number>>();
  return {
    ends,
    work(item: number): Promise<number> {
      const end = Promise.withResolvers<number>();
      ends.set(item, end);
      return end.promise;
    },
  };
}

test("results come in the order of the items, and no more than so many are begun before one is taken", async () => {
  const bench = createBench();
  const { ends } = bench;
  const results = inOrder([1, 2, 3, 4], 2, (item) => bench.work(item));
  const first = results.next();
  await Promise.resolve();
  expect([...ends.keys()]).toEqual([1, 2]);
  ends.get(2)?.resolve(20);
  ends.get(1)?.resolve(10);
  expect(await first).toEqual({ done: false, value: 10 });
  expect([...ends.keys()]).toEqual([1, 2]);
  const second = results.next();
  await Promise.resolve();
  expect([...ends.keys()]).toEqual([1, 2, 3]);
  expect(await second).toEqual({ done: false, value: 20 });
});

test("a failure is thrown in its turn, and nothing is begun after it", async () => {
  const begun: number[] = [];
  const seen: number[] = [];
  async function work(item: number): Promise<number> {
    begun.push(item);
    if (item === 2) throw new Error("of the second");
    return item;
  }
  await expect(async () => {
    for await (const result of inOrder([1, 2, 3, 4, 5, 6], 3, work)) seen.push(result);
  }).rejects.toThrow("of the second");
  expect(seen).toEqual([1]);
  expect(begun).toEqual([1, 2, 3, 4]);
});
