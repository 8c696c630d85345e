import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createPuppetProgress } from "../../../../src/adapters/puppet/progress.ts";
import { recordingContext } from "../../../fakes/stage-context.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function starting(resource: string, number: number): string {
  return `Info: /Stage[main]/Main/${resource}: Starting to evaluate the resource (${number} of 41)`;
}

test("resources become progress at a pace for people, the slow one is shown", () => {
  const context = recordingContext("converge");
  const progress = createPuppetProgress(context);
  for (const number of [7, 8, 9]) progress.line(starting(`File[/${number}]`, number));
  progress.line(starting("Package[nginx]", 10));
  expect(context.said).toEqual(["7 of 41: File[/7]"]);
  vi.advanceTimersByTime(500);
  expect(context.said).toEqual(["7 of 41: File[/7]", "10 of 41: Package[nginx]"]);
  progress.end();
  expect(vi.getTimerCount()).toBe(0);
});

test("the trace is not output; what happened to a resource is", () => {
  const context = recordingContext("converge");
  const progress = createPuppetProgress(context);
  const change = "Notice: /Stage[main]/Nginx/Package[nginx]/ensure: created";
  const lines = [
    "Notice: Compiled catalog for web1 in environment production in 1.14 seconds",
    "Info: Class[Nginx]: Starting to evaluate the resource (3 of 41)",
    "Info: Class[Nginx]: Evaluated in 0.00 seconds",
    starting("Package[nginx]", 4),
    change,
    "Info: /Stage[main]/Nginx/Package[nginx]: Evaluated in 2.40 seconds",
  ];
  for (const line of lines) progress.line(line);
  progress.end();
  expect(context.printed).toEqual([lines[0], change]);
  expect(context.said).toEqual(["catalogue compiled in 1.1 s, applying it"]);
});
