import { mkdir, mkdtemp, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { run } from "../run.ts";

/** The key that signs the lab's repository. */
export interface AptKey {
  /** The public half, armoured, as `Signed-By` takes it. */
  readonly keyring: string;
  /** Returns the text with its signature around it, as in an InRelease file. */
  clearSign(text: string): Promise<string>;
}

/** Opens the key in `dir`; makes it first if it is not there. */
export async function openAptKey(dir: string): Promise<AptKey> {
  const secret = join(dir, "secret.asc");
  const keyring = join(dir, "keyring.asc");
  if (!(await exists(keyring))) await generateKey(dir);
  return {
    keyring,
    clearSign: (text) =>
      inThrowAwayHome(async (gpg) => {
        await gpg(["--import", secret]);
        return (await gpg(["--clearsign", "--output", "-"], text)).stdout;
      }),
  };
}

async function generateKey(dir: string): Promise<void> {
  await mkdir(join(dir, ".."), { recursive: true });
  const work = await mkdtemp(`${dir}-`);
  await inThrowAwayHome(async (gpg) => {
    await gpg([
      "--passphrase",
      "",
      "--quick-generate-key",
      "muster lab <lab@example.internal>",
      "ed25519",
      "sign",
      "never",
    ]);
    await gpg(["--output", join(work, "keyring.asc"), "--armor", "--export"]);
    await gpg(["--output", join(work, "secret.asc"), "--armor", "--export-secret-keys"]);
  });
  try {
    await rename(work, dir);
  } catch (error) {
    // Another run was faster: its key is as good.
    await rm(work, { recursive: true, force: true });
    if (!(await exists(join(dir, "keyring.asc")))) throw error;
  }
}

type Gpg = (args: readonly string[], input?: string) => ReturnType<typeof run>;

/** gpg starts an agent that would outlive it; here agent and home end with the work. */
async function inThrowAwayHome<T>(work: (gpg: Gpg) => Promise<T>): Promise<T> {
  // In /tmp, because the path of the agent's socket must stay under 108 bytes.
  const home = await mkdtemp(join(tmpdir(), "muster-gpg-"));
  const env = { GNUPGHOME: home };
  try {
    return await work((args, input) =>
      run(["gpg", "--batch", "--quiet", "--pinentry-mode", "loopback", ...args], { env, ...(input && { input }) }),
    );
  } finally {
    await run(["gpgconf", "--kill", "all"], { env });
    await rm(home, { recursive: true, force: true });
  }
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
