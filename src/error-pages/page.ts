import type { LogNoticeCode } from "../domain/errors/error-codes.ts";
import type { Again } from "./again.ts";

/** The page of a code. Code and names in backticks; values to fill in are in CAPITALS. */
export type ErrorPage = {
  /** What muster found, and what it did about it. */
  readonly happened: string;
  /** The most likely first. */
  readonly causes: readonly string[];
  /** Who tries again by itself; absent if nothing does. */
  readonly again?: Again;
  /** In order: what to check or do, with the commands. */
  readonly todo: readonly (string | readonly [text: string, ...commands: string[]])[];
};

/** Related codes, in the order of reading. */
export type ErrorArea = {
  readonly title: string;
  /** One or two sentences above its pages, about what they have in common. */
  readonly about: string;
  readonly pages: Pages;
};

/** Pages by their codes. */
export type Pages = Readonly<Partial<Record<LogNoticeCode, ErrorPage>>>;
