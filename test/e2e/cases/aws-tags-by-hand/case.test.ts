import { expect, test } from "vitest";

import { stateTags } from "../../harness/aws-outside.ts";
import { documentedPolicy } from "../../harness/aws-policy.ts";
import { createAwsWorld } from "../../harness/aws-world.ts";
import { muster, waitForState } from "../../harness/muster.ts";

test("tags are EC2's, those of other instances too; with AWS gone the known ones are told as such", async () => {
  await using world = await createAwsWorld(import.meta.dirname);
  const policies = [await documentedPolicy(world), await documentedPolicy(world, "tags.md")];
  const ec2 = await world.launch({ metadata: { tags: false }, tags: { Name: "web 1" }, policies });
  const other = await world.launch({ tags: { "app:tier": "back" } });
  await world.aws.enforceIam();
  const web = await world.boot(ec2);
  await waitForState(web, "in-service");
  const rsTag = (words: string) => web.exec(`rs_tag ${words}`, { check: false, timeout: 90_000 });

  expect(await muster(web, "tag add app:tier=front flag")).toMatchObject({ code: 0, stderr: "" });
  expect(await stateTags(world, ec2)).toMatchObject({ Name: "web 1", "app:tier": "front", flag: "" });
  expect(await rsTag("-a db:master=no")).toMatchObject({ code: 0 });
  expect(JSON.parse((await rsTag("-l")).stdout)).toEqual(
    expect.arrayContaining(["Name=web 1", "app:tier=front", "db:master=no", "flag", "muster:state=in-service"]),
  );
  expect((await rsTag("-q 'app:tier=*' -f text")).stdout).toBe(`${[ec2.id, other.id].toSorted().join(" ")}\n`);
  expect(JSON.parse((await muster(web, "tag query app:tier=back --json")).stdout)).toMatchObject([
    { id: other.id, tags: { "app:tier": "back" } },
  ]);
  expect((await muster(web, "tag remove flag Name=another")).code).toBe(0);
  expect(await stateTags(world, ec2)).toMatchObject({ Name: "web 1" });
  expect(await stateTags(world, ec2)).not.toHaveProperty("flag");

  // What EC2 would refuse is not even asked.
  const asked = world.aws.calls(ec2).length;
  expect(await muster(web, "tag add aws:x=y")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("(tags-impossible)") as string,
  });
  expect((await rsTag(`-a ${"k".repeat(129)}=x`)).code).toBe(54);
  expect(
    world.aws
      .calls(ec2)
      .slice(asked)
      .map(({ operation }) => operation),
  ).toEqual([]);

  const lift = world.aws.front.faults.add({ kind: "silence", sourceAddress: ec2.address });
  const begun = performance.now();
  const stale = await muster(web, "tag list");
  expect(performance.now() - begun, "nobody waits for what is known").toBeLessThan(12_000);
  expect(stale).toMatchObject({ code: 0, stdout: expect.stringContaining("app:tier") as string });
  expect(stale.stderr).toMatch(/^! These are the tags as they were at \d{4}-.*: EC2 did not answer within 5 s/);
  expect(await rsTag("-l")).toMatchObject({ code: 0, stderr: expect.stringContaining("as they were at") as string });
  const [query, add, remove] = await Promise.all([rsTag("-q x -t 5"), rsTag("-a x=y -t 5"), rsTag("-r x -t 5")]);
  expect([query.code, add.code, remove.code]).toEqual([46, 47, 48]);
  lift();
  expect(await rsTag("-a back=again")).toMatchObject({ code: 0 });
  expect(await muster(web, "tag list")).toMatchObject({ code: 0, stderr: "" });

  // Without a daemon root does the same by itself, and is done when it is done.
  await web.exec("systemctl stop muster");
  const shell =
    "HTTP_PROXY=http://127.0.0.1:9 NODE_USE_ENV_PROXY=1 AWS_ACCESS_KEY_ID=AKIADEAD AWS_SECRET_ACCESS_KEY=dead";
  const alone = `env ${shell} $(systemctl show --value --property=Environment muster) timeout 10 muster tag`;
  expect(await web.exec(`${alone} add alone=yes`, { check: false })).toMatchObject({ code: 0 });
  const { stdout } = await web.exec(`${alone} query alone=yes`);
  expect(stdout).toMatch(new RegExp(`^${ec2.id}  .*alone=yes`));

  // The documented policy keeps muster's own tags from root on the instance too.
  expect(await web.exec(`${alone} remove muster:state`, { check: false })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("(aws-access-denied)") as string,
  });
  // What a person took away of muster's own is written again.
  await world.aws.backstage.untag(ec2.id, ["muster:state"]);
  await web.exec("systemctl start muster");
  await web.waitFor(async () => (await stateTags(world, ec2))["muster:state"] === "in-service", {
    what: "the state tag is back",
    timeout: 90_000,
  });
});
