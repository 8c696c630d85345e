import { expect, test } from "vitest";

import { publishedInRoute53, targetHealth } from "../../harness/aws-outside.ts";
import { createAwsWorld } from "../../harness/aws-world.ts";
import { muster, waitForState } from "../../harness/muster.ts";

test("a group of instances and one of addresses, by two ports: in service is when both say healthy", async () => {
  await using world = await createAwsWorld(import.meta.dirname);
  const admin = await world.aws.createTargetGroup({ name: "admin-dev", port: 8081, type: "ip" });
  const ec2 = await world.launch();
  const web = await world.boot(ec2);
  const adminHealth = () => world.aws.targets.health(admin, { id: ec2.address, port: 8081 });

  // Nobody listens on the second port: half in service is out of service.
  const held = await waitForState(web, "held");
  expect(held.error).toMatchObject({ code: "balancer-not-healthy" });
  expect(held.error?.message).toContain(
    "admin-dev: the target group's health check gets no connection, or an answer that is none on /",
  );
  expect(held.error?.message, "the one that is healthy is not blamed").not.toContain("web-dev");
  expect(publishedInRoute53(world)).toEqual([]);
  expect(await targetHealth(world, ec2)).toMatch(/^(draining|unused)/);

  await web.exec("sed 's/80/8081/' /usr/local/sbin/page-server >/run/admin-server");
  await web.exec("systemd-run --unit=admin perl /run/admin-server");
  await waitForState(web, "in-service");
  expect([await targetHealth(world, ec2), await adminHealth()]).toEqual(["healthy", "healthy"]);
  expect(publishedInRoute53(world)).toHaveLength(1);

  expect((await muster(web, "drain")).code).toBe(0);
  expect(await targetHealth(world, ec2)).toMatch(/^(draining|unused)/);
  expect(await adminHealth()).toMatch(/^(draining|unused)/);
});
