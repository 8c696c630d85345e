import { MusterError } from "../../src/domain/errors/errors.ts";
import { createFakeConfigRepo } from "../fakes/config-repo.ts";
import { configRepoSuite } from "./config-repo.suite.ts";

configRepoSuite("fake", async () => {
  const fake = createFakeConfigRepo();
  return {
    repo: fake.repo,
    remote: fake.remote,
    async cutOff() {
      fake.failFetchForEver(
        new MusterError({ code: "config-fetch-failed", message: "away", hint: "", transient: true }),
      );
    },
    async close() {},
  };
});
