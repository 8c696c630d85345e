import { configRepoSuite } from "./config-repo.suite.ts";
import { openGitMachine } from "./config-repo.machine.ts";

configRepoSuite("git", async () => {
  const machine = await openGitMachine();
  return { ...machine, repo: machine.repo() };
});
