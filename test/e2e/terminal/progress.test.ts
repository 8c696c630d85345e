// A run as a person sees it happen, in windows of several kinds.
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";

import { createStandIn, type StandIn } from "./stand-in.ts";
import { beginning, failing, fetched, fetching, heldEnd, patched, patching } from "./story.ts";
import { waitFor } from "../../lab/wait.ts";
import { binary, openWindow, type Window, type WindowOptions } from "./window.ts";

type Look = { name: string; command: string; window: Omit<WindowOptions, "directory">; painted?: boolean };

const wait = `${binary} status --wait`;

const looks: readonly Look[] = [
  { name: "80 columns in colour", command: wait, window: {}, painted: true },
  { name: "40 columns", command: wait, window: { columns: 40 } },
  { name: "not UTF-8", command: wait, window: { env: { LANG: "C" } } },
  { name: "dumb", command: wait, window: { env: { TERM: "dumb" } }, painted: true },
  { name: "NO_COLOR", command: wait, window: { env: { NO_COLOR: "1" } }, painted: true },
  { name: "pipe", command: `sh -c '${wait} | cat'`, window: { columns: 400 }, painted: true },
];

/** Long enough for the line of what is running to be drawn again, twice. */
const drawn = 500;

/** The screen at several moments, as one page. */
function createAlbum(window: Window, painted = false) {
  const pages: string[] = [];
  return {
    async add(title: string, what?: RegExp): Promise<void> {
      if (what !== undefined) {
        await window.shows(what);
        await sleep(drawn);
      }
      pages.push(`==== ${title}\n${painted ? window.painted() : window.text()}\n`);
    },
    page: () => pages.join("\n"),
  };
}

async function listening(daemon: StandIn): Promise<void> {
  await waitFor(() => daemon.heard(), { what: "the command listens", timeout: 20_000, every: 20 });
}

test.each(looks)("status --wait: $name", async ({ name, command, window: options, painted }) => {
  await using daemon = await createStandIn();
  await daemon.tell(...beginning);
  await using window = await openWindow(command, { ...options, directory: daemon.directory });
  const album = createAlbum(window, painted);
  await listening(daemon);
  await daemon.tell(...fetching);
  await album.add("config and index, side by side", /git\.ex.*\+1|reading package/);
  await daemon.tell(...fetched, ...patching);
  await album.add("packages are unpacked", /unpacking/);
  await daemon.tell(...patched, ...failing);
  expect(await window.ended()).toBe(command === wait ? 3 : 0);
  await album.add("held");
  await expect(album.page()).toMatchFileSnapshot(`screens/wait, ${name}.txt`);
});

test("run, resized from 120 to 60 columns, back, and to a few lines", async () => {
  await using daemon = await createStandIn();
  await using window = await openWindow(`${binary} run`, { columns: 120, directory: daemon.directory });
  const album = createAlbum(window);
  await listening(daemon);
  await daemon.tell(...beginning, ...fetching);
  await album.add("120 columns", /lists of 4 repo/);
  await window.resize(60, 24);
  await album.add("60 columns", /reading pack.*… /);
  await window.resize(120, 24);
  await album.add("120 columns again", /lists of 4 repo/);
  await daemon.tell(...fetched, ...patching);
  await window.shows(/unpacking/);
  await window.resize(50, 4);
  await album.add("50 columns, 4 lines", /unpacking.*… /);
  await window.resize(80, 24);
  await window.shows(/unpacking .* over /);
  await daemon.tell(...patched, ...failing);
  daemon.end(heldEnd);
  expect(await window.ended()).toBe(3);
  await album.add("80 columns, held");
  await expect(album.page()).toMatchFileSnapshot("screens/run, resized.txt");
});
