import { createServer } from "node:http";

import { expect, test } from "vitest";

import { createLab } from "../../lab/lab.ts";

test("instances reach each other and the test's own servers, and nothing else", async () => {
  await using lab = await createLab();
  const server = createServer((_, response) => response.end("served by the test"));
  server.listen(80, lab.address(2));
  lab.onClose(() => void server.close());
  const [one, two] = await Promise.all([lab.boot({ binary: false }), lab.boot({ binary: false })]);

  expect((await one.exec(["ping", "-c1", "-W2", two.address])).stdout).toContain("1 received");
  expect((await two.exec(["curl", "-sS", `http://${lab.address(2)}/`])).stdout).toBe("served by the test");

  const started = performance.now();
  const { code } = await one.exec(["curl", "-sS", "-m", "5", "http://169.254.169.254/latest/"], { check: false });
  expect(code, "could not connect").toBe(7);
  expect(performance.now() - started, "refused at once").toBeLessThan(4000);
});

test("two labs at once do not meet", async () => {
  await using first = await createLab();
  await using second = await createLab();
  expect(first.address(16)).not.toBe(second.address(16));
  const [one, two] = await Promise.all([first.boot({ binary: false }), second.boot({ binary: false })]);
  await Promise.all([one, two].map((instance) => instance.exec("systemctl is-system-running --wait")));
});
