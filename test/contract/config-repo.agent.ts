// An agent to be killed: fetches, checks out what main is, and says each time that it is about to.
import { createGitConfigRepo } from "../../src/adapters/git/config-repo.ts";
import type { GitConfigRepoOptions } from "../../src/adapters/git/config-repo.ts";

const options = JSON.parse(process.argv[2] ?? "") as GitConfigRepoOptions;
const { signal } = new AbortController();
const repo = createGitConfigRepo(options);
process.stdout.write("fetch\n");
await repo.fetch(60_000, signal);
process.stdout.write("checkout\n");
for (const ref of await repo.refs(signal)) await repo.checkout(ref.commit, signal);
process.stdout.write("done\n");
