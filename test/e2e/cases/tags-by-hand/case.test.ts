import { expect, test } from "vitest";

import type { Instance } from "../../../lab/instance.ts";
import type { RunResult } from "../../../lab/run.ts";
import { muster, status, waitForState } from "../../harness/muster.ts";
import { createWorld, usualTags, type World } from "../../harness/world.ts";

const tags = { ...usualTags, Name: "web 1" };

/** What a Debian package would do: a group, and here somebody in it. */
const people = "groupadd --system muster && useradd --groups muster olga && useradd otto";

async function served(world: World): Promise<Instance> {
  const web = await world.boot({ tags });
  await web.exec(people);
  await web.exec("systemctl restart muster");
  await waitForState(web, "in-service");
  return web;
}

function as(instance: Instance, user: string, command: string): Promise<RunResult> {
  return instance.exec(["runuser", "-u", user, "--", "sh", "-c", command], { check: false });
}

test("root, the group and others each may do with tags what the page says", async () => {
  await using world = await createWorld(import.meta.dirname);
  const web = await served(world);

  // Root, through the daemon and without one.
  expect(await muster(web, "tag add app:tier=front flag")).toMatchObject({
    code: 0,
    stdout: "added app:tier=front, flag\n",
  });
  await web.exec("systemctl stop muster");
  expect((await muster(web, "tag add more=1")).code).toBe(0);
  expect(JSON.parse((await muster(web, "tag list --json")).stdout)).toMatchObject({
    tags: { ...tags, "app:tier": "front", flag: "", more: "1", "muster:state": "in-service" },
  });
  expect(await as(web, "olga", "muster tag list")).toMatchObject({ code: 5, stdout: "" });
  await web.exec("systemctl start muster");
  await web.waitFor(async () => (await muster(web, "tag remove more")).code === 0, {
    what: "a daemon",
    timeout: 20_000,
  });

  // A member of the group.
  expect(await as(web, "olga", "muster tag add by=olga")).toMatchObject({
    code: 0,
    stderr: "",
    stdout: "added by=olga\n",
  });
  expect((await as(web, "olga", "muster tag list --json")).stdout).toContain('"by": "olga"');
  expect((await as(web, "olga", "muster status")).stdout).toContain("state     in service");
  expect((await as(web, "olga", curl("/metrics"))).stdout).toContain("muster_in_service 1");
  expect(await as(web, "olga", curl("/healthz"))).toMatchObject({ code: 0, stdout: "in-service\n" });
  for (const change of ["add muster:role=other", "remove muster:state"]) {
    expect(await as(web, "olga", `muster tag ${change}`)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("(tag-for-root)") as string,
    });
  }
  for (const command of ["drain", "join", "run", "pause --reason x", "resume"]) {
    expect(await as(web, "olga", `muster ${command}`), command).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("(control-forbidden)") as string,
    });
  }
  // What lies beside the sockets is not for the group either, and somebody who may read a lock may hold it. The
  // configuration of an engine's apt holds a time-out alone, and apt fails on a file that it may not read.
  const { stdout: files } = await web.exec("find /run/muster -mindepth 1 ! -name control.sock ! -name apt-engine.conf");
  for (const file of files.trim().split("\n")) {
    expect((await as(web, "olga", `test -r ${file} -o -w ${file}`)).code, file).toBe(1);
  }
  expect((await as(web, "olga", "ls /run/muster")).code).not.toBe(0);

  // Somebody else.
  for (const command of ["tag list", "status", "drain"]) {
    const { code, stdout } = await as(web, "otto", `muster ${command}`);
    expect([command, code, stdout]).toEqual([command, 1, ""]);
  }
  expect((await as(web, "otto", curl("/healthz"))).code).not.toBe(0);
  expect((await muster(web, "status --json")).stdout).toContain('"state": "in-service"');
});

test("rs_tag is a drop-in, and what it adds counts for the next run", async () => {
  await using world = await createWorld(import.meta.dirname);
  const web = await served(world);
  const rsTag = (words: string, user = "root") => as(web, user, `rs_tag ${words}`);

  expect(await rsTag("--add web:active=true", "olga")).toEqual({
    code: 0,
    stdout: "",
    stderr: "Successfully added tag web:active=true\n",
  });
  expect(await rsTag("-a 'raw tag'")).toMatchObject({ code: 0 });
  const { stdout } = await rsTag("--list", "olga");
  expect(JSON.parse(stdout)).toEqual(expect.arrayContaining(["Name=web 1", "raw tag", "web:active=true"]));
  expect(stdout).toMatch(/^\[\n {2}"Name=web 1",\n/);
  const id = (await web.exec("grep -Po '(?<=^id: ).*' /etc/muster/instance.yaml")).stdout.trim();
  expect(JSON.parse((await rsTag("-q none=1 web:active=true", "olga")).stdout)).toEqual({
    [id]: { tags: JSON.parse(stdout) as string[] },
  });
  expect(await rsTag("-q 'web:*' -f text")).toMatchObject({ code: 0, stdout: `${id}\n` });
  expect(await rsTag("-q web:active=false --die")).toMatchObject({ code: 44, stdout: "" });
  expect(await rsTag("-r web:active=true")).toEqual({
    code: 0,
    stdout: "Request processed successfully\n",
    stderr: "",
  });
  expect((await rsTag("-q web:active")).stdout).toBe("{}\n");
  expect((await rsTag("-a aws:x=y")).code).toBe(54);
  expect((await rsTag("-r muster:role=web")).code, "a person wrote that into the instance file").toBe(55);
  expect((await rsTag("-l", "otto")).code).toBe(2);
  expect((await rsTag("")).code).toBe(1);
  expect((await rsTag("--help")).stdout).toContain("Usage: rs_tag");

  // A tag that steers does so wherever it was written.
  const warned = await rsTag("-a muster:ref=main");
  expect(warned.stderr).toContain("muster:ref steers this instance");
  expect((await muster(web, "run")).code).toBe(0);
  expect((await status(web)).selection?.ref).toEqual({ value: "main", from: "tag muster:ref" });
});

function curl(path: string): string {
  return `curl --silent --fail --unix-socket /run/muster/control.sock http://muster${path}`;
}
