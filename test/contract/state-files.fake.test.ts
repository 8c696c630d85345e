import { describe } from "vitest";
import { createFakeStateFiles } from "../fakes/state-files.ts";
import { stateFilesSuite } from "./state-files.suite.ts";

describe("state files in memory", () => {
  stateFilesSuite(() => createFakeStateFiles());
});
