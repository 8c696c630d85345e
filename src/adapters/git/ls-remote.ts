import { fetchFailure, unknownFetchFailure } from "./failure.ts";
import { localHalf, type Mirror } from "./mirror.ts";
import { reach } from "./reach.ts";

/** ConfigRepo.headOnServer. */
export async function headOnServer(
  mirror: Mirror,
  name: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const validity = await reach(mirror.url, signal);
  const [branch, tag] = [`refs/heads/${name}`, `refs/tags/${name}`];
  const result = await mirror.git({
    gitDir: mirror.directory,
    args: ["ls-remote", "--quiet", ...localHalf(mirror.url), "--", mirror.url.text, branch, tag, `${tag}^{}`],
    signal,
    timeoutMs,
  });
  if (result.code !== 0) throw fetchFailure(result, mirror.url, validity) ?? unknownFetchFailure(result, mirror.url);
  // The server matches by the end of a name: others may be among them.
  const lines = result.stdout.split("\n").map((line) => line.split("\t"));
  const found = new Map(lines.map(([commit, ref]) => [ref, commit]));
  const tagged = found.get(`${tag}^{}`) ?? found.get(tag);
  const commits = new Set([found.get(branch), tagged].filter((commit) => commit !== undefined));
  return commits.size === 1 ? [...commits][0] : undefined;
}
