import { expect, test } from "vitest";
import type { RunEvent } from "../../../../src/domain/run/events.ts";
import { failing, logs, twelve } from "../logs-world.ts";
import { converge, eventsOf, puppet } from "../story.ts";

test("a story: what went well is folded, what failed stands there whole, at its place", async () => {
  const { status, out } = await logs("", failing);
  expect(status).toBe(0);
  expect(out).toMatchInlineSnapshot(`
    "2026-01-01 UTC
    23:59:45            run 0001-abcd begins: boot, first-boot
    23:59:50  config    changed: role web at 0123456789ab (main) (1.2 s)
    23:59:51            Tag muster:url steers nothing [tag-refused]
              … 9 lines more: muster logs --full
              | 10
              | 11
              | 12
    23:59:54  patch     apt-get upgrade: exit 0 (8.0 s)
    23:59:55  patch     changed: 3 packages changed (8.1 s)
    23:59:57  converge  puppet apply manifests/site.pp
              | Notice: Compiled catalog
              | Error: no such package
              | Notice: Applied
    23:59:59  converge  puppet apply: exit 4 (9.0 s)
    2026-01-02 UTC
    00:00:00  converge  failed: 2 of 41 resources failed: Package[nginx], Service[nginx] (9.0 s). Read what Puppet printed: muster logs --stage converge. [converge-resources-failed]
    00:00:01            run 0001-abcd ended after 12 s: held at converge
    00:00:02            held: converge: 2 of 41 resources failed: Package[nginx], Service[nginx]
    "
  `);
});

test("in 80 columns a sentence is wrapped under its beginning, output is left as it is", async () => {
  const { out } = await logs("--stage converge", failing, { isTty: true });
  expect(out).toMatchInlineSnapshot(`
    "2026-01-01 UTC
    23:59:57  converge  puppet apply manifests/site.pp
              | Notice: Compiled catalog
              | Error: no such package
              | Notice: Applied
    23:59:59  converge  puppet apply: exit 4 (9.0 s)
    2026-01-02 UTC
    00:00:00  converge  failed: 2 of 41 resources failed: Package[nginx],
                        Service[nginx] (9.0 s). Read what Puppet printed: muster
                        logs --stage converge. [converge-resources-failed]
    "
  `);
});

test("--full shows every line, every command and every call to the cloud", async () => {
  const { out } = await logs("--full", failing);
  for (const line of twelve) expect(out).toContain(`| ${line}\n`);
  expect(out).toContain("git fetch: exit 0 (0.4 s)");
  expect(out).toContain("ec2:DescribeTags ok");
  expect(out).not.toContain("muster logs --full");
});

test("a code other than 0 of a command with which its stage goes on is folded too: Puppet's 2", async () => {
  const { out } = await logs("", (world) => {
    world.runs.set("0001-abcd", eventsOf("0001-abcd", puppet(2)));
    world.logs.set(puppet.file, [...twelve]);
  });
  expect(out).toContain("… 9 lines more: muster logs --full\n          | 10\n          | 11\n          | 12\n");
});

test("killed in mid-converge: what was printed before and after the restart stands there once, each at its place", async () => {
  const { out } = await logs("", (world) => {
    world.runs.set("0001-abcd", eventsOf("0001-abcd", converge.killed, converge.resumed(6)));
    world.logs.set(puppet.file, ["b1", "b2", "a1", "a2", "a3", "a4", "a5", "a6"]);
  });
  expect(out).toMatchInlineSnapshot(`
    "2026-01-01 UTC
    23:59:45            run 0001-abcd begins: boot, first-boot
    23:59:50  config    changed: role web at 0123456789ab (main) (1.2 s)
    23:59:51            Tag muster:url steers nothing [tag-refused]
    23:59:53  converge  puppet apply manifests/site.pp
              | b1
              | b2
    23:59:54  converge  puppet apply: how it ended was not seen
    23:59:55            run 0001-abcd begins: boot, crash-restart, taken up where it was interrupted
    23:59:57  converge  puppet apply manifests/site.pp
              … 3 lines more: muster logs --full
              | a4
              | a5
              | a6
    23:59:59  converge  puppet apply: exit 2 (9.0 s)
    2026-01-02 UTC
    00:00:00  converge  changed: 3 of 41 changed (9.0 s)
    00:00:01            run 0001-abcd ended after 10 s: in service
    "
  `);
});

test("what Puppet prints about each resource for the sake of progress is left out, also of what failed", async () => {
  const { out } = await logs("--stage converge", (world) => {
    failing(world);
    world.logs.set(puppet.file, [
      "Info: Class[Main]: Starting to evaluate the resource (4 of 22)",
      "Error: no such package",
      "Info: Class[Main]: Evaluated in 0.02 seconds",
      "Info: Creating state file /var/cache/puppet/state/state.yaml",
    ]);
  });
  expect(out.match(/^ {10}.*$/gm)).toEqual([
    "          | Error: no such package",
    "          | Info: Creating state file /var/cache/puppet/state/state.yaml",
    "          … 2 lines more: muster logs --full",
  ]);
});

test("output that is gone is said to be gone", async () => {
  const { out, status } = await logs("", (world) => {
    failing(world);
    world.logs.clear();
  });
  expect(status).toBe(0);
  expect(out.match(/what it printed is no longer there/g)).toHaveLength(2);
});

test("--json gives events, and what was printed as stage-output before the end of its command", async () => {
  const { out } = await logs("--json --stage converge", failing);
  const events = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as RunEvent);
  expect(events.map((event) => (event.type === "stage-output" ? event.line : event.type))).toEqual([
    "stage-started",
    "stage-progress",
    "command-started",
    "Notice: Compiled catalog",
    "Error: no such package",
    "Notice: Applied",
    "command-finished",
    "stage-finished",
  ]);
});

test("events that cannot be read are counted, on standard error", async () => {
  const { err, out } = await logs("--json", (world) => {
    failing(world);
    world.unreadable = 2;
  });
  expect(err).toBe("muster: 2 events of run 0001-abcd cannot be read: left out\n");
  expect(out).not.toContain("left out");
});

test("a run of which nothing is recorded, and a stage that a run did not come to, are said to be so", async () => {
  const none = await logs("", (world) => world.runs.set("0001-abcd", []));
  expect([none.status, none.out]).toEqual([1, ""]);
  expect(none.err).toContain("(run-unrecorded)");
  const early = await logs("--stage dns", failing);
  expect([early.status, early.out, early.err]).toEqual([0, "", "muster: run 0001-abcd did not come to stage dns\n"]);
});

test("a stage that there is not is refused with the nearest", async () => {
  const { status, err } = await logs("--stage pach", failing);
  expect(status).toBe(2);
  expect(err).toContain('did you mean "patch"?');
});
