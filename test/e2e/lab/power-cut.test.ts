import { expect, test } from "vitest";

import { createLab } from "../../lab/lab.ts";
import { suites } from "../../lab/prepare/image.ts";

// perl, because it can fsync a directory; it says what programs forget, one by one.
const writes = `
  use IO::Handle;
  sub put { my ($path, $sync) = @_; open my $f, '>', $path or die; print $f 'whole'; $f->flush; $f->sync if $sync; }
  sub sync_directory { open my $d, '<', $_[0] or die; $d->sync or die; }
  chdir '/var/lib/cut' or die;
  put('old', 1); put('durable.new', 1); rename 'durable.new', 'durable'; sync_directory('.');
  put('no-file-sync.new', 0); rename 'no-file-sync.new', 'no-file-sync'; sync_directory('.');
  put('no-directory-sync.new', 1); rename 'no-directory-sync.new', 'no-directory-sync';
  put('nothing', 0);
`;

test("a power cut loses what was not fsynced, and nothing else", async () => {
  await using lab = await createLab();
  const instance = await lab.boot({ binary: false, files: { "/var/lib/cut/.here": "" } });
  await instance.exec(["perl", "-e", writes]);
  await instance.powerCut();

  const { stdout } = await instance.exec("cd /var/lib/cut; for f in *; do echo $f=$(cat $f); done");
  expect(stdout.trim().split("\n")).toEqual([
    "durable=whole",
    "no-directory-sync.new=whole",
    "no-file-sync=",
    "old=whole",
  ]);
});

test.for(suites)("a power cut in mid-write leaves a %s that boots, again and again", async (suite) => {
  await using lab = await createLab();
  const instance = await lab.boot({ binary: false, suite });
  const busy = "i=0; while :; do i=$((i+1)); echo $i > /var/lib/n$i; sync /var/lib/n$i; done";
  for (const boot of [1, 2, 3]) {
    expect(instance.boots()).toBe(boot);
    await instance.exec(["systemd-run", "--quiet", "sh", "-c", busy]);
    await instance.waitFor(() => instance.exec("test -s /var/lib/n5"), { what: "five files", every: 10 });
    await instance.powerCut();
    expect((await instance.exec("cat /var/lib/n5")).stdout).toBe("5\n");
    await instance.exec("systemd-run --quiet --wait true");
    expect((await instance.exec("systemctl is-system-running --wait")).stdout).toBe("running\n");
    await instance.exec("rm /var/lib/n*");
  }
});
