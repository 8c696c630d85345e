type Palette = Readonly<
  Record<"page" | "text" | "quiet" | "bad" | "grid" | "command" | "call" | "wait" | "away" | "own" | "critical", string>
>;

/** Text against the page at 4.5 to 1 or more, shapes at 3 to 1: test/e2e/timeline-in-a-browser measures it. */
const light: Palette = {
  page: "#ffffff",
  text: "#1f2328",
  quiet: "#57606a",
  bad: "#b3261e",
  grid: "#e2e6ea",
  command: "#2f6fdb",
  call: "#8250df",
  wait: "#b06000",
  away: "#6e7781",
  own: "#8c959f",
  critical: "#cf3a24",
};

const dark: Palette = {
  page: "#0d1117",
  text: "#e6edf3",
  quiet: "#9aa4af",
  bad: "#ff8a80",
  grid: "#262c36",
  command: "#58a6ff",
  call: "#bc8cff",
  wait: "#e3a33c",
  away: "#8b949e",
  own: "#6e7681",
  critical: "#ff7b5c",
};

function colours(palette: Palette): string {
  return [
    `.page{fill:${palette.page}}`,
    `text{fill:${palette.text}}`,
    `.quiet,.tick,.number,.work{fill:${palette.quiet}}`,
    `.failed{fill:${palette.bad}}`,
    `.grid{stroke:${palette.grid}}`,
    `.command{fill:${palette.command}}`,
    `.call{fill:${palette.call}}`,
    `.hatch{fill:${palette.wait}}`,
    `rect.wait{stroke:${palette.wait}}`,
    `rect.away{stroke:${palette.away}}`,
    `.own{fill:${palette.own}}`,
    `.critical{stroke:${palette.critical}}`,
  ].join("");
}

/** Literal colours in classes, without custom properties: not every viewer of SVG knows those. */
export const style = [
  'text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}',
  ".headline{font-size:18px;font-weight:600}",
  "text.path,text.stage,text.away{font-weight:600}",
  ".work,.number{font-weight:400;font-size:12px}",
  ".number{font-variant-numeric:tabular-nums}",
  ".tick{font-size:11px}",
  "rect.wait{fill:url(#muster-hatch)}",
  "rect.away{fill:none;stroke-dasharray:4 3}",
  ".critical{fill:none;stroke-width:1.5;pointer-events:none}",
  colours(light),
  `@media (prefers-color-scheme:dark){${colours(dark)}}`,
].join("");
