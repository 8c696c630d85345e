import { spawnSync } from "node:child_process";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareVersions } from "../../../../src/adapters/apt/version.ts";

describe("Debian versions", () => {
  it.each([
    ["1.0", "1.0", 0],
    ["1.9", "1.10", -1],
    ["1.0~rc1", "1.0", -1],
    ["1.0-1", "1.0-1+deb12u1", -1],
    ["1:0.1", "2.0", 1],
    ["6.1.0-9-amd64", "6.1.0-40-amd64", -1],
    ["6.1.158-1", "6.1.153-1", 1],
    ["1.0a", "1.0+", -1],
    ["007", "7", 0],
    ["1.0-", "1.0", 0],
  ])("%s against %s is %i", (one, other, sign) => {
    expect(Math.sign(compareVersions(one, other))).toBe(sign);
    expect(Math.sign(compareVersions(other, one))).toBe(-sign + 0);
  });

  const dpkg = spawnSync("dpkg", ["--version"]).status === 0;

  it.skipIf(!dpkg)("are ordered as dpkg orders them", () => {
    const part = fc.stringMatching(/^[0-9][0-9a-z.+~]{0,5}$/);
    const version = fc
      .tuple(fc.option(fc.nat(3)), part, fc.option(part))
      .map(
        ([epoch, upstream, revision]) =>
          `${epoch === null ? "" : `${epoch}:`}${upstream}${revision === null ? "" : `-${revision}`}`,
      );
    fc.assert(
      fc.property(version, version, (one, other) => {
        const sign = Math.sign(compareVersions(one, other));
        const operator = sign < 0 ? "lt" : sign > 0 ? "gt" : "eq";
        expect(
          spawnSync("dpkg", ["--compare-versions", one, operator, other]).status,
          `${one} ${operator} ${other}`,
        ).toBe(0);
      }),
      { numRuns: 150 },
    );
  });
});
