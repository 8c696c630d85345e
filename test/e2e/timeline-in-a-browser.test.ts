// The picture of a timeline as a browser shows it: well-formed, nothing cut off or overlapping, and readable in a
// light and in a dark scheme.
import { mkdir, writeFile } from "node:fs/promises";

import { expect, test } from "vitest";

import { timelineSvg } from "../../src/views/timeline/svg.ts";
import type { Timeline } from "../../src/views/timeline/timeline.ts";
import { openInBrowser, type Scheme } from "../lab/prepare/browser.ts";
import {
  begins,
  calls,
  ends,
  finished,
  firstBoot,
  read,
  recordingOf,
  stamped,
  started,
} from "../unit/views/timeline/tape.ts";
import { contrast, measure, type Look, type Text } from "./harness/svg-page.ts";

const width = 1000;
const pictures = "tmp/test/timeline";

const wide = "W".repeat(300);

/** A run with everything that is drawn, and with names as wide as they may come. */
const hard = read(
  recordingOf([
    ...[
      started(),
      { type: "run-facts", facts: { role: `<script>"${wide}`, environment: "漢字".repeat(80) } } as const,
      begins("converge"),
      calls("converge", 1, wide),
      calls("converge", 2, "漢字".repeat(80)),
      calls("converge", 3, "wwwwmmmmWWWW@@@@%%%%"),
    ].map((event, index) => stamped(event, index * 100)),
    stamped(started({ resumed: true, boot: "boot-2" }), 4000, 1000),
    stamped(ends("health", { outcome: "failed", summary: wide }), 4100, 1100),
    stamped(finished("held"), 9000, 6000),
  ]),
);

const cases: readonly (readonly [string, readonly Timeline[]])[] = [
  ["first-boot", [read(firstBoot)]],
  ["wide-names", [hard]],
  ["two-runs", [read(firstBoot), hard]],
];

const schemes: readonly Scheme[] = ["light", "dark"];

test.for(cases.flatMap(([name, timelines]) => schemes.map((scheme) => [name, scheme, timelines] as const)))(
  "%s, %s",
  async ([name, scheme, timelines]) => {
    const look = await measure(timelineSvg(timelines), scheme, width);
    expectInside(look);
    expectApart(look.texts);
    for (const { text, fill } of look.texts) {
      expect(contrast(fill, look.page), `${text}: ${fill} on ${look.page}`).toBeGreaterThanOrEqual(4.5);
    }
    for (const { name: shape, colour } of look.shapes) {
      expect(contrast(colour, look.page), `${shape}: ${colour} on ${look.page}`).toBeGreaterThanOrEqual(3);
    }
    const brightness = contrast("rgb(0, 0, 0)", look.page);
    if (scheme === "light") expect(brightness).toBeGreaterThan(18);
    else expect(brightness).toBeLessThan(1.5);
    // As an image in a page, where it can reach nothing: it follows the scheme there too, and is not empty.
    expect(look.painted.page).toBe(look.page);
    expect(look.painted.share).toBeGreaterThan(0.01);
    expect(look.painted.colours).toBeGreaterThan(5);

    await mkdir(pictures, { recursive: true });
    const { png } = await openInBrowser(
      { name: "timeline.svg", text: timelineSvg(timelines) },
      { scheme, width, height: Math.ceil(look.height) },
    );
    expect(png.subarray(1, 4).toString()).toBe("PNG");
    await writeFile(`${pictures}/${name}-${scheme}.png`, png);
  },
);

test("a file that is not well-formed is found", async () => {
  const broken = timelineSvg([read(firstBoot)]).replace("</text>", "");
  await expect(measure(broken, "light", width)).rejects.toThrow(/not well-formed/);
});

function expectInside({ texts, height }: Look): void {
  for (const { text, x, y, width: length, height: tall } of texts) {
    expect(x, text).toBeGreaterThanOrEqual(0);
    expect(y, text).toBeGreaterThanOrEqual(0);
    expect(x + length, text).toBeLessThanOrEqual(width);
    expect(y + tall, text).toBeLessThanOrEqual(height);
  }
}

/** No text lies on another. Lines may touch: a box holds the room above and below the letters. */
function expectApart(texts: readonly Text[]): void {
  for (const [index, one] of texts.entries()) {
    for (const other of texts.slice(index + 1)) {
      const across = Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x);
      const down = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y);
      expect(across > 0 && down > 3, `"${one.text}" lies on "${other.text}"`).toBe(false);
    }
  }
}
