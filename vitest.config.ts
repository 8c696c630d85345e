import { defineConfig } from "vitest/config";
import { LongestFirst } from "./scripts/test/longest-first.ts";

const minute = 60_000;

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          testTimeout: 20_000,
          hookTimeout: minute,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: "contract",
          include: ["test/contract/**/*.test.ts"],
          testTimeout: minute,
          hookTimeout: minute,
          // They wait for servers far more than they work.
          maxWorkers: 4,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          // A case boots whole instances. No retry: a case that passes now and then is a bug.
          testTimeout: 10 * minute,
          hookTimeout: 10 * minute,
          retry: 0,
          pool: "forks",
          // Half of a case's time is waiting, for a boot or for a minute of a schedule.
          maxWorkers: 4,
        },
      },
    ],
  },
});
