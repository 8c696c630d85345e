import { describe, expect, it } from "vitest";
import { commandsOf } from "../../../../src/adapters/dnf/flavour.ts";

const rules = { exclude: ["kernel*", "nginx"], releasever: "2023.6.20241010" };

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
  ] as const)("of %s", (flavour, command) => {
    expect(commandsOf(flavour).upgrade(true, rules).join(" ")).toBe(command);
  });

  it("resolve the same transaction as the one that is made", () => {
    for (const flavour of ["dnf", "dnf5"] as const) {
      const { upgrade, simulate } = commandsOf(flavour);
      const made = upgrade(false, rules).join(" ");
      expect(simulate(false, rules).join(" ").replace("--assumeno", "--assumeyes")).toBe(made);
    }
  });

  it("read the index of the version that is asked for, whichever repository is dead", () => {
    expect(commandsOf("dnf").refresh(rules).join(" ")).toBe(
      "dnf --assumeyes --setopt=exit_on_lock=1 --setopt=*.skip_if_unavailable=1 --setopt=*.timeout=5 --setopt=*.retries=1 --releasever=2023.6.20241010 --refresh makecache",
    );
    expect(commandsOf("dnf5").refresh({ exclude: [] }).join(" ")).toBe(
      "dnf5 --assumeyes --setopt=skip_if_unavailable=0 --refresh makecache",
    );
  });

  it("leave out the repositories that could not be read, which would cost the time again", () => {
    const argv = commandsOf("dnf").upgrade(false, { exclude: ["nginx"], unread: ["dead", "refused"] });
    expect(argv).toEqual(expect.arrayContaining(["--disablerepo=dead,refused", "--exclude=nginx"]));
  });
});
