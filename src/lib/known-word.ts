/**
 * Reads a word of a list that a newer binary may have made longer.
 * @param otherwise what a word stands for that is not in the list
 */
export function knownWord<const Words extends readonly string[]>(
  words: Words,
  otherwise: NoInfer<Words[number]>,
): (word: string) => Words[number] {
  return (word) => words.find((known) => known === word) ?? otherwise;
}
