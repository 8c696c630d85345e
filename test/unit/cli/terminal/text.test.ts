import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fit, plain, widthOf, wrap } from "../../../../src/cli/terminal/text.ts";
import { createScreen } from "../../../fakes/screen.ts";

describe("widths are columns of a terminal", () => {
  test.each([
    ["", 0],
    ["muster", 6],
    ["✔ · → …", 7],
    ["漢字", 4],
    ["ｆｕｌｌ", 8],
    ["e\u0301", 1],
    ["\u{1f600}", 2],
    ["\u001b[31mred\u001b[39m", 3],
  ])("%j", (text, width) => expect(widthOf(text)).toBe(width));

  test("never fewer than a terminal takes", async () => {
    const screen = createScreen(200, 2);
    const unit = fc.constantFrom("a", "é", "漢", "한", "ß", "😀", "\u0301", "\u200d", "\ufe0f");
    const foreign = fc.string({ unit, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(foreign, async (text) => {
        await screen.write(`\r\u001b[J>${text}`);
        expect(screen.cursor().column).toBeLessThanOrEqual(widthOf(`>${text}`));
      }),
    );
  });
});

describe("cut to a width", () => {
  test.each([
    ["muster", 6, "muster"],
    ["muster", 5, "must…"],
    ["漢字漢字", 5, "漢字…"],
    ["漢字漢字", 4, "漢…"],
    ["e\u0301e\u0301e\u0301", 2, "e\u0301…"],
    ["\u{1f600}\u{1f600}", 3, "\u{1f600}…"],
    ["muster", 1, "…"],
    ["muster", 0, ""],
    ["muster", Infinity, "muster"],
  ])("%j in %d", (text, width, shown) => expect(fit(text, width)).toBe(shown));

  test("in ASCII the ellipsis is three columns", () => {
    expect(fit("muster", 5, "...")).toBe("mu...");
    expect(fit("muster", 2, "...")).toBe("..");
  });

  test("is never too wide, and never half a character", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.nat(30), (text, width) => {
        const shown = fit(text, width);
        expect(widthOf(shown)).toBeLessThanOrEqual(width);
        expect(shown.isWellFormed()).toBe(true);
      }),
    );
  });
});

describe("wrapped", () => {
  test("between words, further lines under the first", () => {
    expect(`reason    ${wrap("the balancer does not say healthy", 30, 10)}`).toBe(
      "reason    the balancer does\n          not say healthy",
    );
  });

  test("never between an amount and its unit", () => {
    expect(wrap("started yesterday, took 12 min 27 s", 31, 0)).toBe("started yesterday, took 12 min\n27 s");
    expect(wrap("started yesterday, took 12 min 27 s", 28, 0)).toBe("started yesterday, took\n12 min 27 s");
  });

  test("a word that is too wide stays whole", () => {
    expect(wrap("see https://git.example.com/ops/config.git there", 30, 2)).toBe(
      "see\n  https://git.example.com/ops/config.git\n  there",
    );
  });

  test("not in a pipe", () => {
    const text = "x ".repeat(500).trimEnd();
    expect(wrap(text, Infinity, 10)).toBe(text);
  });

  test("no line is too wide where the words are not, colours not counted", () => {
    const words = fc.array(fc.stringMatching(/^[a-z漢]{1,6}$/), { minLength: 1 });
    fc.assert(
      fc.property(words, fc.integer({ min: 30, max: 100 }), fc.nat(14), (given, columns, indent) => {
        const painted = given.map((word, at) => (at % 3 === 0 ? `\u001b[31m${word}\u001b[39m` : word));
        const lines = (" ".repeat(indent) + wrap(painted.join(" "), columns, indent)).split("\n");
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(columns);
        expect(lines.map((line) => line.trim()).join(" ")).toBe(painted.join(" "));
      }),
    );
  });
});

test("what others wrote is one line that steers nothing", () => {
  expect(plain("a\r\n\u001b[2Jb\u2028c\u202egnp.exe\u2066d\n")).toBe("a [2Jb c gnp.exe d");
});
