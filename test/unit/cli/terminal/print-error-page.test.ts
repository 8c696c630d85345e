import { expect, test } from "vitest";
import { errorAreas } from "../../../../src/error-pages/pages.ts";
import type { ErrorPage } from "../../../../src/error-pages/page.ts";
import { printPage } from "../../../../src/cli/terminal/print-error-page.ts";

const plain = { strong: (text: string) => text };

const page: ErrorPage = {
  happened: "The git server could not be reached or broke off, and that was tried again for minutes.",
  causes: ["The name does not resolve, or a security group or a proxy is in the way of the packets.", "It is down."],
  todo: [["Try the same.", "git ls-remote CONFIG_URL", `true ${"x".repeat(60)}`], "Wait."],
};

test("prose is wrapped, commands stay whole", () => {
  expect(printPage("config-fetch-failed", page, 40, plain)).toBe(`config-fetch-failed
  The git server could not be reached or
  broke off, and that was tried again
  for minutes.

Likely causes
  - The name does not resolve, or a
    security group or a proxy is in the
    way of the packets.
  - It is down.

What to do
  1. Try the same.
       git ls-remote CONFIG_URL
       true ${"x".repeat(60)}
  2. Wait.
`);
});

test("on a pipe every sentence is one line", () => {
  const lines = printPage("config-fetch-failed", page, Infinity, plain).split("\n");
  expect(lines).toContain(`  ${page.happened}`);
  expect(lines).toContain(`  - ${page.causes[0]}`);
});

test("of every page, only commands and what cannot be broken are wider than 80 columns", () => {
  const all = errorAreas.flatMap(({ pages }) => Object.entries(pages));
  const wide = all.flatMap(([code, each]) =>
    printPage(code, each, 80, plain)
      .split("\n")
      .filter((line) => line.length > 80 && !line.startsWith("       ")),
  );
  expect(wide).toEqual([]);
});
