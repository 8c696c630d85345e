import { expect, test } from "vitest";
import { readCatalogue } from "../../../src/settings/catalogue.ts";
import { complaints } from "./complaints.ts";

function read(patch: string) {
  return readCatalogue(`version: 1\nroles: { web: { patch: ${patch} } }\n`, "muster.yaml").catalogue.roles["web"];
}

test("what stays out of patching, and the version to patch to", () => {
  expect(read('{ exclude: ["kernel*", libstdc++6], releasever: 2023.6.20241010 }')?.patch).toMatchObject({
    exclude: ["kernel*", "libstdc++6"],
    releasever: "2023.6.20241010",
  });
});

test("what a failed patch does, unset where nothing is said", () => {
  expect(read("{ onFailure: hold }")?.patch.onFailure).toBe("hold");
  expect(read("{}")?.patch).not.toHaveProperty("onFailure");
  expect(complaints(() => read("{ onFailure: abandon }"))).toHaveLength(1);
});

test("nothing that is an option of a package manager, or everything", () => {
  expect(complaints(() => read('{ exclude: ["*", --nogpgcheck], releasever: -x }'))).toEqual([
    'muster.yaml:2:36: roles.web.patch.exclude[0]: expected a package name or a glob of them, such as kernel*, found "*"',
    'muster.yaml:2:41: roles.web.patch.exclude[1]: expected a package name or a glob of them, such as kernel*, found "--nogpgcheck"',
    'muster.yaml:2:68: roles.web.patch.releasever: expected a repository version as text, such as latest or 2023.6.20241010, found "-x"',
  ]);
});
