import { expect, test } from "vitest";
import { drainCommand } from "../../../src/cli/commands/membership.ts";
import { runProgram } from "../../../src/cli/program.ts";
import { usualLeave } from "../../../src/domain/membership/leaving.ts";
import type { LeavePolicy } from "../../../src/domain/role/role.ts";
import { planLeave } from "../../../src/membership/plan-leave.ts";
import { createFakeIo } from "../../fakes/command-io.ts";
import { createWorld, never, record, target, trouble, wantIn, wantOut, type World } from "../membership/world.ts";

const beforeStop = [
  { run: { argv: ["/usr/local/bin/flush", "--token", "secret"] }, timeoutMs: 20_000 },
  { run: { shell: "sync && echo secret" }, timeoutMs: 10_000 },
] as const;

async function joined(ttl = 30): Promise<World> {
  const world = createWorld();
  const places = { targets: [target("web"), target("api", 81)], records: [record("web", "10.0.0.1", ttl)] };
  await world.membership.want(wantIn(places));
  await world.membership.reconcile({ signal: never, listen: world.listen });
  return world;
}

/** `muster drain --dry-run …` on such an instance. */
async function plan(world: World, words: string, policy: LeavePolicy = { ...usualLeave, beforeStop }) {
  const io = createFakeIo({ columns: 80 });
  const command = drainCommand({
    who: "root",
    connect: () => Promise.reject(new Error("a dry run connects to nobody")),
    plan: (as, signal) => {
      const { wish } = world.membership.status();
      return planLeave({ as, wish, policy, shutdownMs: 90_000, spreadMs: 0 }, world, signal);
    },
  });
  const code = await runProgram({ version: "", commands: { drain: async () => command } }, words.split(" "), io);
  return { code, stdout: io.stdout(), stderr: io.stderr() };
}

test("a drain: what is left, how long it serves, and nothing was changed", async () => {
  const world = await joined();
  const before = [world.balancer.members(), world.dns.records(), world.tags.current()];
  const { code, stdout } = await plan(world, "drain --dry-run");
  expect(code).toBe(0);
  expect(stdout).toMatchInlineSnapshot(`
    "leaving as drain, nobody hurries
      at once           withdraw web.example.internal 30 A 10.0.0.1
                        drain web/i-1-80 at 10.0.0.1:80
                        drain api/i-1-81 at 10.0.0.1:81
      up to 30 s        serve on: open connections have 20 s, resolvers forget the
                        names within 30 s
      then              remove web/i-1-80 at 10.0.0.1:80
                        remove api/i-1-81 at 10.0.0.1:81
                        write the state tags
    out of service after at most 30 s; nothing was changed
    "
  `);
  expect([world.balancer.members(), world.dns.records(), world.tags.current()]).toEqual(before);
});

test("a spot notice: within its two minutes, with the commands before the machine goes", async () => {
  const { stdout } = await plan(await joined(), "drain --dry-run --as spot");
  expect(stdout).toMatchInlineSnapshot(`
    "leaving as spot, within 1 min 50 s
      at once           withdraw web.example.internal 30 A 10.0.0.1
                        drain web/i-1-80 at 10.0.0.1:80
                        drain api/i-1-81 at 10.0.0.1:81
      up to 30 s        serve on: open connections have 20 s, resolvers forget the
                        names within 30 s
      then              remove web/i-1-80 at 10.0.0.1:80
                        remove api/i-1-81 at 10.0.0.1:81
                        write the state tags
      up to 20 s        run /usr/local/bin/flush
      up to 10 s        run a shell line of beforeStop
      then              complete the termination hook, where one waits
    out of service after at most 30 s, ready to go after at most 1 min; nothing
      was changed
    "
  `);
  expect(stdout).not.toContain("secret");
});

test("what there is no time for, and what cannot be looked at, is said", async () => {
  const world = await joined(300);
  world.balancer.trouble = trouble("balancer-unreachable", true);
  const { stdout } = await plan(world, "drain --dry-run --as shutdown");
  expect(stdout).toMatchInlineSnapshot(`
    "leaving as shutdown, within 1 min 30 s
      at once           withdraw web.example.internal 300 A 10.0.0.1
      up to 55 s        serve on: resolvers forget the names within 5 min
      then              write the state tags
      up to 20 s        run /usr/local/bin/flush
      up to 10 s        run a shell line of beforeStop
      ! register could not be looked at: web, api: trouble: balancer-unreachable
      ! Users are served for 55 s of the 5 min that drain and TTL want
    out of service after at most 55 s, ready to go after at most 1 min 25 s;
      nothing was changed
    "
  `);
});

test("an instance that is out has nothing to leave", async () => {
  const world = await joined();
  await world.membership.want(wantOut());
  await world.membership.reconcile({ signal: never, listen: world.listen });
  expect((await plan(world, "drain --dry-run")).stdout).toMatchInlineSnapshot(`
    "leaving as drain, nobody hurries
      at once           it is out of every place already
                        write the state tags
    out of service at once; nothing was changed
    "
  `);
});

test("machines get the same", async () => {
  const { stdout } = await plan(await joined(), "drain --dry-run --as scale-in --json");
  expect(JSON.parse(stdout)).toMatchObject({ as: "scale-in", withinMs: 300_000, outMs: 30_000, goneMs: 60_000 });
});

test("a dry run of --shutdown is the plan of a shutdown", async () => {
  const [told, asked] = [
    await plan(await joined(), "drain --shutdown --dry-run"),
    await plan(await joined(), "drain --dry-run --as shutdown"),
  ];
  expect(told.stdout).toContain("leaving as shutdown");
  expect(told).toEqual(asked);
});

test.each(["drain --dry-run --as lunch", "drain --as spot"])("%s is refused", async (words) => {
  const { code, stderr } = await plan(await joined(), words);
  expect(code).toBe(2);
  expect(stderr).toContain("usage-unknown-reason");
});
