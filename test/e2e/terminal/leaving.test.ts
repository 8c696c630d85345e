// Ways to leave a command that goes on: what is left in the window, and the exit status.
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";

import { waitFor } from "../../lab/wait.ts";
import { createStandIn } from "./stand-in.ts";
import { beginning, failing, fetched, patched, patching, serving } from "./story.ts";
import { binary, openWindow } from "./window.ts";

const [ctrlC, ctrlZ] = ["\u0003", "\u001a"];

async function atWork(command: string) {
  await using made = new AsyncDisposableStack();
  const daemon = made.use(await createStandIn());
  const window = made.use(await openWindow(command, { directory: daemon.directory }));
  const kept = made.move();
  return { daemon, window, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

test.each([
  ["run", "interrupted; where a daemon lives its work goes on: muster status --wait"],
  ["status --wait", undefined],
])("Ctrl-C in muster %s leaves what had finished, and nothing half drawn", async (command, words) => {
  await using work = await atWork(`${binary} ${command}`);
  const { daemon, window } = work;
  await waitFor(() => daemon.heard(), { what: "the command listens", every: 20 });
  await daemon.tell(...beginning, ...fetched, ...patching);
  await window.shows(/unpacking.* \d\.\d s/);
  window.press(ctrlC);
  expect(await window.ended()).toBe(130);
  const text = window.text();
  expect(text).not.toMatch(/unpacking|\^C/);
  expect(text).toContain("✔ config    5ad1f0c9e2b7");
  if (words === undefined) expect(text.endsWith("packages")).toBe(true);
  else expect(text.split("\n").at(-1)).toBe(`muster: ${words}`);
});

test("SIGTERM leaves the same", async () => {
  await using work = await atWork(`${binary} run`);
  const { daemon, window } = work;
  await waitFor(() => daemon.heard(), { what: "the command listens", every: 20 });
  await daemon.tell(...beginning, ...patching);
  await window.shows(/unpacking/);
  await window.signal("SIGTERM");
  expect(await window.ended()).toBe(130);
  expect(window.text()).not.toContain("unpacking");
});

test("a second Ctrl-C ends what does not end by itself", async () => {
  await using daemon = await createStandIn({ silent: true });
  await using window = await openWindow(`${binary} status --wait`, { directory: daemon.directory });
  await waitFor(() => daemon.heard(), { what: "the command asks", every: 20 });
  const begun = performance.now();
  window.press(ctrlC);
  await sleep(500);
  expect(window.running()).toBe(true);
  window.press(ctrlC);
  expect(await window.ended()).toBe(130);
  expect(performance.now() - begun).toBeLessThan(2000);
});

test("Ctrl-Z gives a clean line to the shell, fg goes on", async () => {
  // By its name: where this checkout lies is nobody's business in the snapshot.
  await using work = await atWork(`PATH=${dirname(binary)}:$PATH PS1='$ ' bash --norc --noprofile -i`);
  const { daemon, window } = work;
  await window.shows("$");
  window.press("muster status --wait\r");
  await waitFor(() => daemon.heard(), { what: "the command listens", every: 20 });
  await daemon.tell(...beginning, ...patching);
  await window.shows(/unpacking/);
  window.press(ctrlZ);
  await window.shows(/Stopped.*\n\$$/);
  const stopped = window.text();
  window.press("fg\r");
  await window.shows(/unpacking/);
  await daemon.tell(...fetched, ...patched, ...serving);
  await window.shows(/in service since[^]*\n\$$/);
  const ended = window.text();
  window.press("exit\r");
  expect(await window.ended()).toBe(0);
  const page = `==== stopped\n${stopped}\n\n==== gone on, and ended\n${ended}\n`;
  await expect(page).toMatchFileSnapshot("screens/suspended.txt");
});

test("a reader that goes away ends nothing", async () => {
  await using work = await atWork(
    `bash -c '${binary} status --wait | head --lines=1; echo "status \${PIPESTATUS[0]}"'`,
  );
  const { daemon, window } = work;
  await waitFor(() => daemon.heard(), { what: "the command listens", every: 20 });
  await daemon.tell(...beginning);
  await window.shows("run 0001-k3v9");
  await daemon.tell(...fetched, ...patching, ...failing);
  expect(await window.ended()).toBe(0);
  expect(window.text()).toBe("run 0001-k3v9 (boot, first-boot)\nstatus 3");
});
