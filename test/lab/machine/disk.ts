// An instance's root: an overlay of the read-only image and of what the instance wrote. The latter
// lives on an ext4 file of its own, so that a power cut can be played on it.
import { mkdir, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { run } from "../run.ts";
import { waitFor } from "../wait.ts";

export interface Disk {
  /** Where the root is mounted, while it is. */
  root: string;
  /** What was written to it, file by file: to read without opening anything in `root`. */
  written: string;
  mount: () => Promise<void>;
  /** Writes everything to the disk, then unmounts. */
  unmount: () => Promise<void>;
  /** What was not on the disk at this instant never gets there. Calls `kill`, then unmounts. */
  cutPower: (kill: () => Promise<void>) => Promise<void>;
  /** Everything is on the disk. */
  sync: () => Promise<void>;
}

// The worst that ext4 may do by its contract: it keeps data back for as long as it can, and does
// not help out programs that rename without fsync. Then a missing fsync shows every time.
const mountOptions = "loop,noatime,noauto_da_alloc,commit=300";

/** Makes an empty disk in `directory`, not mounted. `layers` are read-only, the uppermost first. */
export async function createDisk(directory: string, layers: string[], gigabytes: number): Promise<Disk> {
  const file = join(directory, "disk.ext4");
  const state = join(directory, "state");
  const root = join(directory, "root");
  await Promise.all([state, root].map((path) => mkdir(path, { recursive: true })));
  await writeFile(file, "");
  await truncate(file, gigabytes * 1024 ** 3);
  await run(["mkfs.ext4", "-q", "-F", "-E", "nodiscard", file]);
  const upper = join(state, "upper");
  const work = join(state, "work");
  const overlay = `lowerdir=${layers.join(":")},upperdir=${upper},workdir=${work}`;

  async function mount(): Promise<void> {
    await run(["mount", "-t", "ext4", "-o", mountOptions, file, state]);
    await Promise.all([upper, work].map((path) => mkdir(path, { recursive: true })));
    await run(["mount", "-t", "overlay", "-o", overlay, "overlay", root]);
  }

  async function unmount(): Promise<void> {
    await run(["umount", root]);
    await run(["umount", state]);
    // A namespace that is still being torn down may hold the file system for a moment. A mount in
    // that moment would be given the old one, not a fresh look at the disk.
    await waitFor(async () => (await run(["losetup", "--associated", file])).stdout === "", {
      what: `${file} is let go by its loop device`,
      timeout: 30_000,
      every: 5,
    });
  }

  return {
    root,
    written: upper,
    mount,
    unmount,
    sync: async () => void (await run(["sync", "--file-system", state])),
    cutPower: async (kill) => {
      await shutDown(state);
      await kill();
      await unmount();
    },
  };
}

/**
 * EXT4_IOC_SHUTDOWN with "no log flush": the file system stops in this instant and writes nothing
 * more, so the file below it *is* the copy taken in the act, and an atomic one (cp is not).
 */
async function shutDown(mountPoint: string): Promise<void> {
  const [request, noLogFlush] = [0x80_04_58_7d, 2];
  const script = `
    open my $fs, '<', $ARGV[0] or die "open: $!";
    my $how = pack 'L', ${noLogFlush};
    ioctl $fs, ${request}, $how or die "ioctl: $!";`;
  await run(["perl", "-e", script, mountPoint]);
}
