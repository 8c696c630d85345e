// The example is what people copy: what its catalogue names has to be there.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readCatalogue } from "../../../src/settings/catalogue.ts";

const root = join(import.meta.dirname, "../../../examples/config-repo");
const { catalogue } = readCatalogue(readFileSync(join(root, "muster.yaml"), "utf8"), "muster.yaml");
const roles = Object.values(catalogue.roles);

test.each(roles)("the role $name has a Puppet class of its name", ({ name }) => {
  expect(readFileSync(join(root, `site/role/manifests/${name}.pp`), "utf8")).toContain(`class role::${name} {`);
});

test.each(roles)("everything that the role $name names is there", ({ converge }) => {
  for (const { manifest, modules, hiera } of converge) {
    for (const path of [manifest, ...modules, ...(hiera === undefined ? [] : [hiera])]) {
      expect(existsSync(join(root, path)), path).toBe(true);
    }
  }
});
