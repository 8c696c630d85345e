/**
 * The results of work on each item, in the order of the items. At most `most` are under way or waiting to be taken, so
 * that no more than these are in memory.
 * @throws what the work of an item throws, when its turn has come; no further work is begun then
 */
export async function* inOrder<Item, Result>(
  items: Iterable<Item>,
  most: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result, void> {
  const begun: Promise<Result>[] = [];
  for (const item of items) {
    const result = work(item);
    // It is thrown when its turn has come; that may be never.
    result.catch(() => undefined);
    begun.push(result);
    const first = begun.length < most ? undefined : begun.shift();
    if (first !== undefined) yield await first;
  }
  for (const result of begun) yield await result;
}
