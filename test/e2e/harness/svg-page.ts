// Measures an SVG in a browser: a page takes it in, looks at it, and leaves what it saw in its document.
import { openInBrowser, type Scheme } from "../../lab/prepare/browser.ts";

export interface Text {
  readonly text: string;
  /** In the units of the picture. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly fill: string;
}

export interface Look {
  readonly height: number;
  readonly page: string;
  readonly texts: readonly Text[];
  /** Bars and outlines by their class, with the colour that tells them from the page. */
  readonly shapes: readonly { readonly name: string; readonly colour: string }[];
  /** What was drawn of it as an image: the colour of its corner, the share of other pixels, how many colours. */
  readonly painted: { readonly page: string; readonly share: number; readonly colours: number };
}

/** @throws Error when the browser does not take it for well-formed XML */
export async function measure(svg: string, scheme: Scheme, width: number): Promise<Look> {
  const { html } = await openInBrowser({ name: "page.html", text: pageFor(svg) }, { scheme, width, height: 800 });
  const seen = /<pre id="seen">([^<]*)<\/pre>/.exec(html)?.[1];
  if (seen === undefined) throw new Error(`the page saw nothing: ${html.slice(0, 500)}`);
  const result = JSON.parse(decodeURIComponent(seen)) as Look | { readonly error: string };
  if ("error" in result) throw new Error(result.error);
  return result;
}

/** The contrast of two colours as WCAG 2 has it, from 1 to 21. @param one as browsers compute it: `rgb(1, 2, 3)` */
export function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((first, second) => first - second);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const [red, green, blue] = (/^rgb\((\d+), (\d+), (\d+)\)$/.exec(colour) ?? []).slice(1).map((part) => {
    const value = Number(part) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  if (red === undefined || green === undefined || blue === undefined) throw new Error(`no plain colour: ${colour}`);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function pageFor(svg: string): string {
  const source = JSON.stringify(svg).replaceAll("<", "\\u003c");
  return `<!doctype html><meta charset="utf-8"><style>:root { color-scheme: light dark } body { margin: 0 }</style>
<pre id="seen"></pre><script>const source = ${source};${inPage}</script>`;
}

/** Runs in the browser. */
const inPage = `
function look(svg) {
  const style = (element) => getComputedStyle(element);
  const shapes = [...svg.querySelectorAll("rect.bar, rect.critical")].map((rect) => {
    const { fill, stroke } = style(rect);
    const colour = fill.startsWith("rgb") ? fill : stroke;
    return [rect.getAttribute("class"), colour];
  });
  return {
    height: svg.viewBox.baseVal.height,
    page: style(svg.querySelector("rect.page")).fill,
    texts: [...svg.querySelectorAll("text")].map((text) => {
      const { x, y, width, height } = text.getBoundingClientRect();
      const origin = svg.getBoundingClientRect();
      return { text: text.firstChild.data, x: x - origin.x, y: y - origin.y, width, height, fill: style(text).fill };
    }),
    shapes: [...new Map(shapes)].map(([name, colour]) => ({ name, colour })),
  };
}

async function paint(width, height) {
  const image = new Image();
  image.src = "data:image/svg+xml," + encodeURIComponent(source);
  document.body.append(image);
  await image.decode();
  const canvas = new OffscreenCanvas(width, height).getContext("2d");
  canvas.drawImage(image, 0, 0, width, height);
  const pixels = new Uint32Array(canvas.getImageData(0, 0, width, height).data.buffer);
  const counts = new Map();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  const corner = pixels[0];
  const page = "rgb(" + [corner & 255, (corner >> 8) & 255, (corner >> 16) & 255].join(", ") + ")";
  return { page, share: 1 - counts.get(corner) / pixels.length, colours: counts.size };
}

async function see() {
  const parsed = new DOMParser().parseFromString(source, "image/svg+xml");
  const error = parsed.querySelector("parsererror");
  if (error !== null) return { error: "not well-formed: " + error.textContent };
  const svg = document.importNode(parsed.documentElement, true);
  document.body.append(svg);
  const { width, height } = svg.viewBox.baseVal;
  return { ...look(svg), painted: await paint(width, height) };
}

see().catch((error) => ({ error: String(error) })).then((seen) => {
  document.getElementById("seen").textContent = encodeURIComponent(JSON.stringify(seen));
});
`;
