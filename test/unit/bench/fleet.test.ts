import { expect, test } from "vitest";

import { bootAtOnce, idleFor } from "../../../bench/fleet/simulate.ts";

test.each([
  { size: 50, attached: true, named: false },
  { size: 50, attached: false, named: true },
])(
  "$size boots at once, attached $attached, named $named: all serve, none was held, none that served was taken out",
  async (shape) => {
    const { takenOut, held, requests } = await bootAtOnce(shape);
    expect({ takenOut, held }).toEqual({ takenOut: 0, held: 0 });
    // The group, the look before registering where the instance registers itself, and few looks at its health.
    expect(requests.get("elbv2 reads")?.answered).toBeLessThan(shape.size * (shape.attached ? 5 : 6));
    expect(requests.get("ec2 CreateTags")?.answered).toBe(shape.size);
  },
);

test("100 idle for an hour take nothing out, and are not throttled", { timeout: 120_000 }, async () => {
  const { takenOut, requests } = await idleFor({ size: 100, attached: false, named: true }, 1);
  expect(takenOut).toBe(0);
  expect(requests.get("elbv2 reads")?.answered).toBeGreaterThan(0);
  expect([...requests.values()].reduce((sum, { throttled }) => sum + throttled, 0)).toBe(0);
});
