import { expect, test } from "vitest";
import { abilitiesOf, asciiOnly } from "../../../../src/cli/terminal/terminal.ts";
import { widthOf } from "../../../../src/cli/terminal/text.ts";

const usual = { TERM: "xterm-256color", LANG: "en_GB.UTF-8" };

test.each([
  ["a terminal", usual, true, { canRedraw: true, color: true, unicode: true }],
  ["a pipe", usual, false, { canRedraw: false, color: false, unicode: true }],
  ["a dumb terminal", { ...usual, TERM: "dumb" }, true, { canRedraw: false, color: false }],
  ["a terminal of no name", { LANG: "C.UTF-8" }, true, { canRedraw: false, color: false }],
  ["NO_COLOR", { ...usual, NO_COLOR: "1" }, true, { canRedraw: true, color: false }],
  ["NO_COLOR that is empty", { ...usual, NO_COLOR: "" }, true, { color: true }],
  ["CLICOLOR_FORCE in a pipe", { ...usual, CLICOLOR_FORCE: "1" }, false, { canRedraw: false, color: true }],
  ["FORCE_COLOR in a pipe", { ...usual, FORCE_COLOR: "1" }, false, { canRedraw: false, color: true }],
  ["FORCE_COLOR=0", { ...usual, FORCE_COLOR: "0" }, false, { color: false }],
  ["NO_COLOR before what forces it", { ...usual, NO_COLOR: "1", CLICOLOR_FORCE: "1" }, true, { color: false }],
  ["LC_ALL before LC_CTYPE and LANG", { ...usual, LC_ALL: "C", LC_CTYPE: "C.UTF-8" }, true, { unicode: false }],
  ["LC_CTYPE before LANG", { ...usual, LC_CTYPE: "de_DE.utf8@euro", LANG: "C" }, true, { unicode: true }],
  ["an empty LC_ALL", { ...usual, LC_ALL: "" }, true, { unicode: true }],
  ["no locale", { TERM: "xterm" }, true, { unicode: false }],
  ["Latin 1", { ...usual, LANG: "de_DE.ISO-8859-1" }, true, { unicode: false }],
  ["the kernel's console", { ...usual, TERM: "linux" }, true, { canRedraw: true, color: true, unicode: false }],
])("%s", (_what, env, isTty, abilities) => {
  expect(abilitiesOf(env, isTty)).toMatchObject({ isTty, ...abilities });
});

test("what others wrote, in ASCII, is no wider than it was", () => {
  const text = "Zoë’s fix – 漢字 “naïve” … \u{1f600}";
  expect(asciiOnly(text)).toBe('Zoe\'s fix - ?? "naive" . ?');
  expect(asciiOnly(text).length).toBeLessThanOrEqual(widthOf(text));
});
