import type { NoticeCode } from "../../domain/error-codes.ts";

/** What stands under a code. Code and names in backticks; what the reader has to fill in is in CAPITALS. */
export type ErrorPage = {
  /** What muster saw, and what it did about it. */
  readonly happened: string;
  /** The likely ones first. */
  readonly causes: readonly string[];
  /** In order: what to look at or do, and the commands for it. */
  readonly todo: readonly (string | readonly [text: string, ...commands: string[]])[];
};

/** Codes that belong together, in the order to be read in. */
export type ErrorArea = {
  readonly title: string;
  /** One or two sentences above its pages, where they have something in common. */
  readonly about: string;
  readonly pages: Pages;
};

/** Pages by their codes. */
export type Pages = Readonly<Partial<Record<NoticeCode, ErrorPage>>>;
