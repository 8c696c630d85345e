import { describe, expect, it } from "vitest";
import { commandsOf } from "../../../../src/adapters/dnf/flavour.ts";

const rules = { exclude: ["kernel*", "nginx"], releasever: "2023.6.20241010" };
const none = { exclude: [] };

describe("commands", () => {
  it.each([
    [
      "dnf",
      "dnf --assumeyes --setopt=exit_on_lock=1 --setopt=best=0 --releasever=2023.6.20241010 --exclude=kernel* --exclude=nginx upgrade --security",
    ],
    // dnf 5 refuses options that it does not know.
    [
      "dnf5",
      "dnf5 --assumeyes --setopt=best=0 --releasever=2023.6.20241010 --exclude=kernel* --exclude=nginx upgrade --security",
    ],
    [
      "yum",
      "yum --assumeyes --setopt=exit_on_lock=1 --skip-broken --releasever=2023.6.20241010 --exclude=kernel* --exclude=nginx update --security",
    ],
  ] as const)("of %s", (flavour, command) => {
    expect(commandsOf(flavour).upgrade(true, rules).join(" ")).toBe(command);
  });

  it("resolve the same transaction as the one that is made", () => {
    for (const flavour of ["dnf", "dnf5", "yum"] as const) {
      const { upgrade, simulate } = commandsOf(flavour);
      const made = upgrade(false, rules).join(" ");
      expect(simulate(false, rules).join(" ").replace("--assumeno", "--assumeyes")).toBe(made);
    }
  });

  it("read the index of the version that is asked for, and fail where a repository does", () => {
    expect(commandsOf("dnf").refresh(rules).join(" ")).toBe(
      "dnf --assumeyes --setopt=exit_on_lock=1 --setopt=skip_if_unavailable=0 --releasever=2023.6.20241010 --refresh makecache",
    );
    expect(commandsOf("yum").refresh(none).at(-1)).toBe("fast");
  });
});
