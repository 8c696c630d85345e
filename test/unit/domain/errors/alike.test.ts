import { expect, test } from "vitest";
import { alike, alikeText } from "../../../../src/domain/errors/alike.ts";

function install(name: string): { resource: string; message: string } {
  return {
    resource: `Package[${name}]`,
    message: `Execution of 'apt-get install ${name}' returned 100: Unable to locate package ${name}`,
  };
}

test("failures that differ in names alone are one, with the names of the others", () => {
  const failures = ["nginx", "curl", "vim", "git", "jq"].map(install);
  expect(alike(failures).map(alikeText)).toEqual([
    "Package[nginx]: Execution of 'apt-get install nginx' returned 100: Unable to locate package nginx " +
      "(so also Package[curl], Package[vim] and 2 more)",
  ]);
});

function full(at: string, file: string): { resource: string; message: string } {
  return {
    resource: "Exec[/opt/setup]",
    message: `${at} process 4711: cannot write /tmp/puppet-${file}: No space left on device`,
  };
}

test("names that programs make up, times and numbers do not tell failures apart", () => {
  expect(alike([full("12:00:01", "x1y2"), full("12:00:02", "zzqq")])).toHaveLength(1);
});

test("another reason or another kind of resource is another fault, in order", () => {
  const failures = [
    { resource: "File[/etc/motd]", message: "No such file or directory" },
    install("nginx"),
    { resource: "File[/etc/issue]", message: "Permission denied" },
    { resource: "Service[nginx]", message: "No such file or directory" },
  ];
  expect(alike(failures).map(({ first, others }) => [first.resource, others])).toEqual([
    ["File[/etc/motd]", []],
    ["Package[nginx]", []],
    ["File[/etc/issue]", []],
    ["Service[nginx]", []],
  ]);
  expect(alike([])).toEqual([]);
});
