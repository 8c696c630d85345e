import { readFile, rm } from "node:fs/promises";
import { resolve } from "node:path";

import { expect, test } from "vitest";

import { run } from "../lab/run.ts";

const picture = "tmp/demo-timeline.svg";

// As `npm run demo` does, without the build: other cases are using the binary.
test("the demo takes an instance to in service and fetches its page through the balancer", async () => {
  process.chdir(resolve(import.meta.dirname, "../.."));
  await rm(picture, { force: true });
  const demo = ["node", "scripts/in-lab.ts", "node", "scripts/demo/inside.ts"];
  const { stdout } = await run(demo, { timeout: 240_000 });

  expect(stdout).toMatch(/✔ register .* says healthy/);
  expect(stdout).toMatch(/client\$ dig \+short www.example.internal\n10\.66\.\d+\.4\n/);
  expect(stdout).toMatch(/client\$ curl .* http:\/\/www.example.internal\/\n[^]*<dt>role<\/dt><dd>web<\/dd>/);
  expect(stdout).toMatch(/# muster status\nstate +in service/);
  expect(stdout).toMatch(/# muster timeline\nrun 0001-[^]*\n {2}puppet apply +\d[^]*;\sslowest: /);
  expect(stdout).toContain(`${resolve(picture)}\n`);
  expect(await readFile(picture, "utf8")).toMatch(/^<svg [^]*<title>puppet apply: [^]*<\/svg>\n$/);
  expect(stdout).toContain("npm run demo -- shell");
});
