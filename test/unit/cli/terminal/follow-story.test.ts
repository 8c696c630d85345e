import { expect, test } from "vitest";
import { failing, logs } from "../logs-world.ts";
import { converge, eventsOf, puppet } from "../story.ts";

test("--follow tells lines as they are printed, goes on past a restart and with the next run, and ends with Ctrl-C", async () => {
  const { status, out } = await logs("--follow", (world) => {
    const killed = eventsOf("0001-abcd", converge.killed);
    const whole = eventsOf("0001-abcd", converge.killed, converge.resumed(6));
    world.runs.set("0001-abcd", killed);
    world.logs.set(puppet.file, ["b1"]);
    const print = (line: string) => world.logs.get(puppet.file)?.push(line);
    const record = (count: number) => world.runs.set("0001-abcd", whole.slice(0, count));
    world.later.push(
      () => print("b2"),
      () => print("Info: Class[Main]: Evaluated in 0.00 seconds"),
      () => undefined,
      () => record(killed.length + 4),
      () => print("a1"),
      () => {
        print("a2");
        record(whole.length);
        world.runs.set("0002-ef01", eventsOf("0002-ef01"));
      },
    );
  });
  expect(status).toBe(130);
  expect(out).toMatchInlineSnapshot(`
    "2026-01-01 UTC
    23:59:45            run 0001-abcd begins: boot, first-boot
    23:59:50  config    changed: role web at 0123456789ab (main) (1.2 s)
    23:59:51            Tag muster:url steers nothing [tag-refused]
    23:59:53  converge  puppet apply manifests/site.pp
              | b1
              | b2
    23:59:55            run 0001-abcd begins: boot, crash-restart, taken up where it was interrupted
    23:59:57  converge  puppet apply manifests/site.pp
              | a1
              | a2
    23:59:59  converge  puppet apply: exit 2 (9.0 s)
    2026-01-02 UTC
    00:00:00  converge  changed: 3 of 41 changed (9.0 s)
    00:00:01            run 0001-abcd ended after 10 s: in service
    2026-01-01 UTC
    23:59:45            run 0002-ef01 begins: boot, first-boot
    23:59:50  config    changed: role web at 0123456789ab (main) (1.2 s)
    23:59:51            Tag muster:url steers nothing [tag-refused]
    "
  `);
});

test("--follow waits for the first run there will be, and stays with a run that was named", async () => {
  const first = await logs("-f", (world) => {
    world.later.push(() => world.runs.set("0001-abcd", eventsOf("0001-abcd")));
  });
  expect(first.out).toContain("run 0001-abcd begins");
  const named = await logs("-f 1", (world) => {
    failing(world);
    world.later.push(() => world.runs.set("0002-ef01", eventsOf("0002-ef01")));
  });
  expect(named.out).not.toContain("0002-ef01");
});

test("--follow ends when nobody reads any more", async () => {
  const gone = new AbortController();
  const { status } = await logs("-f", (world) => {
    failing(world);
    Object.assign(world, { unread: gone.signal });
    world.later.push(() => gone.abort());
  });
  expect(status).toBe(0);
});
