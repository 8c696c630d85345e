// A config repo in memory: a server with branches and tags, and the mirror that a fetch copies them into.
import { createHash } from "node:crypto";
import { MusterError } from "../../src/domain/errors/errors.ts";
import { refMeant, writtenRef } from "../../src/domain/role/ref-kind.ts";
import { isAtOrBelow, type StandIn } from "../../src/domain/role/repo-content.ts";
import type { ConfigRepo, FetchReport, RepoRef, SignatureState } from "../../src/ports/config-repo.ts";
import type { Remote } from "../contract/config-repo.suite.ts";

type Commit = {
  readonly parent: string | undefined;
  readonly files: Readonly<Record<string, string>>;
  readonly message: string;
};

/** What the fake keeps as the text of a submodule. */
const submodule = "\0submodule";

type Refs = ReadonlyMap<string, RepoRef>;

export type FakeConfigRepo = {
  readonly repo: ConfigRepo;
  readonly remote: Remote;
  /** One line an operation that changes something: `fetch`, `checkout COMMIT`, `prune COMMIT,…`, `scratch`, `dispose`. */
  readonly log: string[];
  /** Errors that the next fetches throw, in order; a lasting one stays the last. */
  failFetch(...errors: readonly Error[]): void;
  failFetchForEver(error: Error): void;
  /** What the next checkout throws. */
  failCheckout(error: Error): void;
  /** What the next successful fetch reports. */
  report(report: FetchReport): void;
  sign(commit: string, state: SignatureState): void;
};

export function createFakeConfigRepo(): FakeConfigRepo {
  const commits = new Map<string, Commit>();
  const server = new Map<string, RepoRef>();
  const log: string[] = [];
  const signatures = new Map<string, SignatureState>();
  const fetchErrors: Error[] = [];
  let lasting: Error | undefined;
  const checkoutErrors: Error[] = [];
  let nextReport: FetchReport = {};

  function ref(kind: RepoRef["kind"], name: string, commit: string): void {
    server.set(`${kind} ${name}`, { kind, name, commit });
  }

  function known(commit: string): Commit {
    const found = commits.get(commit);
    if (found === undefined) throw new Error(`the fake repo has no commit ${commit}`);
    return found;
  }

  function history(commit: string): readonly string[] {
    const { parent } = known(commit);
    return parent === undefined ? [commit] : [commit, ...history(parent)];
  }

  function add(commit: Commit): string {
    const id = createHash("sha1").update(JSON.stringify(commit)).digest("hex");
    commits.set(id, commit);
    return id;
  }

  function headOf(branch: string): string | undefined {
    return (server.get(`branch ${branch}`) ?? server.get("branch main"))?.commit;
  }

  const remote: Remote = {
    async commitFiles(files, message, { branch = "main" } = {}) {
      const parent = headOf(branch);
      const before = parent === undefined ? {} : known(parent).files;
      const id = add({ parent, files: changed(before, files), message });
      ref("branch", branch, id);
      return id;
    },
    commitSubmodule: (path, message, options) => remote.commitFiles({ [path]: submodule }, message, options),
    async rewrite(files, message, { branch = "main" } = {}) {
      const old = known(headOf(branch) ?? "");
      const id = add({ parent: old.parent, files: changed(old.files, files), message });
      ref("branch", branch, id);
      return id;
    },
    async setBranch(branch, commit) {
      ref("branch", branch, commit);
    },
    async deleteBranch(branch) {
      server.delete(`branch ${branch}`);
    },
    async tag(name, commit) {
      ref("tag", name, commit ?? headOf("main") ?? "");
    },
  };

  function repoOver(start: Refs): ConfigRepo {
    let mirror = start;
    const list = () => [...mirror.values()];
    const reachable = () => new Set(list().flatMap(({ commit }) => history(commit)));
    return {
      async fetch(_timeoutMs, signal) {
        signal.throwIfAborted();
        log.push("fetch");
        const error = fetchErrors.shift() ?? lasting;
        if (error !== undefined) throw error;
        mirror = new Map(server);
        const report = nextReport;
        nextReport = {};
        return report;
      },
      async headOnServer(name, _timeoutMs, signal) {
        signal.throwIfAborted();
        log.push(`look ${name}`);
        const error = fetchErrors.shift() ?? lasting;
        if (error !== undefined) throw error;
        return refMeant([...server.values()], writtenRef(name))?.commit;
      },
      hasMirror: async () => mirror.size > 0,
      refs: async () => list(),
      async findCommit(id) {
        const found = /^[0-9a-f]{7,40}$/.test(id) ? [...reachable()].filter((commit) => commit.startsWith(id)) : [];
        return found.length === 1 ? found[0] : undefined;
      },
      refsContaining: async (commit) => list().filter((each) => history(each.commit).includes(commit)),
      isAncestor: async (ancestor, descendant) => reachable().has(descendant) && history(descendant).includes(ancestor),
      headOf: async (commit) => ({
        subject: known(commit).message.split("\n")[0] ?? "",
        author: "Ann Author",
        committedAt: "2026-01-01T00:00:00.000Z",
      }),
      signature: async (commit) => signatures.get(commit) ?? { kind: "none" },
      async readFile(commit, path) {
        const { files } = known(commit);
        const text = Object.hasOwn(files, path) ? files[path] : undefined;
        if (text !== undefined && text.length > 1024 * 1024) {
          throw new MusterError({ code: "config-file-too-large", message: `${path} is too large`, hint: "" });
        }
        return text === submodule ? undefined : text;
      },
      standIns: async (commit, paths) => standInsAmong(known(commit).files, paths),
      async checkout(commit) {
        log.push(`checkout ${commit}`);
        const error = checkoutErrors.shift();
        if (error !== undefined) throw error;
        known(commit);
        return `/worktrees/${commit}`;
      },
      async prune(keep) {
        log.push(`prune ${keep.join(",")}`);
      },
      async scratch() {
        log.push("scratch");
        return { repo: repoOver(mirror), dispose: async () => void log.push("dispose") };
      },
    };
  }

  return {
    repo: repoOver(new Map()),
    remote,
    log,
    failFetch: (...errors) => void fetchErrors.push(...errors),
    failFetchForEver(error) {
      lasting = error;
    },
    failCheckout: (error) => void checkoutErrors.push(error),
    report(report) {
      nextReport = report;
    },
    sign: (commit, state) => void signatures.set(commit, state),
  };
}

function standInsAmong(files: Readonly<Record<string, string>>, paths: readonly string[]): readonly StandIn[] {
  return Object.entries(files).flatMap(([path, text]): readonly StandIn[] => {
    if (!paths.some((used) => isAtOrBelow(path, used) || isAtOrBelow(used, path))) return [];
    if (text === submodule) return [{ kind: "submodule", path }];
    const isPointer =
      text.length < 1024 &&
      /^version https:..(git-lfs|hawser).github.com.spec.v1\s[^]*oid sha256:\w{64}\s[^]*size \d/.test(text);
    return isPointer ? [{ kind: "lfs-pointer", path }] : [];
  });
}

/** The files of a commit after a change; null deletes one. */
function changed(
  before: Readonly<Record<string, string>>,
  files: Record<string, string | null>,
): Readonly<Record<string, string>> {
  const all = Object.entries({ ...before, ...files });
  return Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== null));
}
