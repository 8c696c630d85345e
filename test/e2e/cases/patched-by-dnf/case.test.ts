// The whole agent on a machine that has dnf in apt's place: it is found, plans, patches and says so.
import { expect, test } from "vitest";
import { createLab } from "../../../lab/lab.ts";
import { dnfImageDirectory } from "../../../lab/prepare/dnf-image.ts";

const catalogue = `version: 1
roles:
  web:
    patch: { scope: security, exclude: [muster-lab-conf], reboot: never }
`;

test("a machine with dnf is patched by it", async () => {
  await using lab = await createLab();
  const instance = await lab.boot({
    image: dnfImageDirectory("bookworm"),
    enableMuster: false,
    instance: 'id: i-00000000000000001\nzone: local-a\ntags: { "muster:role": web, "muster:environment": dev }\n',
    settings: "cloud: local\nconfig: { url: file:///srv/config, ref: main, refs: [main] }\nclock: { wait: 1s }\n",
    files: { "/srv/config/muster.yaml": catalogue },
  });
  await instance.exec(
    "cd /srv/config && git init --quiet --initial-branch=main && git add . && git -c user.name=lab -c user.email=lab@example.internal commit --quiet --message=one",
  );

  const plan = await instance.exec("muster run patch --dry-run");
  expect(plan.stdout).toContain("install 2 security upgrades");
  expect(plan.stdout).toContain("muster-lab-app 1.0-1 -> 1.1-1 (security)");
  expect(plan.stdout).not.toContain("muster-lab-conf");

  const done = await instance.exec("muster run patch", { check: false });
  expect(done.stdout).toMatch(
    /patch +2 packages changed, \d+ other upgrades known \(1 excluded\); a reboot is required/,
  );
  expect(done.code).toBe(4);
  expect((await instance.exec("rpm --query muster-lab-app muster-lab-conf")).stdout).toBe(
    "muster-lab-app-1.1-1.noarch\nmuster-lab-conf-1.0-1.noarch\n",
  );
});
