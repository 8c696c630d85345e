import { describe, expect, test } from "vitest";
import type { PackageManager, PackageState, Upgrade } from "../../src/ports/package-manager.ts";
import { recordingContext } from "../fakes/stage-context.ts";

/** A machine whose package manager has something to do. */
export type PackageWorld = AsyncDisposable & {
  readonly packages: PackageManager;
  /** Versions as the package manager writes them. */
  readonly versions: { readonly old: string; readonly next: string; readonly brought: string };
  readonly names: {
    /** In the old version, with the next one waiting as a security update. */
    readonly security: string;
    /** The same, as an ordinary update. */
    readonly ordinary: string;
    /** The same, and the next one needs `brought`, which is not installed. */
    readonly growing: string;
    readonly brought: string;
    /** The same, and the next one asks for a reboot. */
    readonly rebooting: string;
  };
  /** The installed version; undefined when it is not installed. */
  readonly installed: (name: string) => Promise<string | undefined>;
};

const none = { exclude: [] };
const timeoutMs = 120_000;

/** The contract of src/ports/package-manager.ts, as far as one transaction after the other shows it. */
export function packageManagerSuite(name: string, open: () => Promise<PackageWorld>): void {
  const context = recordingContext("patch");
  const { signal } = context;

  describe(`package manager: ${name}`, () => {
    test("looking tells what an upgrade would do, and does nothing", async () => {
      await using world = await open();
      const { packages, names, versions } = world;
      await packages.refresh(none, context);
      const state = await packages.observe(none, context);
      expect(state).toMatchObject({ interrupted: false, unfinished: [], excluded: [] });
      const { old: from, next: to } = versions;
      expect(upgradeNamed(state, names.security)).toEqual({ name: names.security, from, to, security: true });
      expect(upgradeNamed(state, names.ordinary)).toEqual({ name: names.ordinary, from, to, security: false });
      expect(upgradeNamed(state, names.brought)).toEqual({
        name: names.brought,
        to: versions.brought,
        security: false,
      });
      expect(await world.installed(names.security)).toBe(versions.old);
      expect(await packages.changes(context.run)).toEqual([]);
    });

    test("security updates are installed, and what is none stays", async () => {
      await using world = await open();
      const { packages, names, versions } = world;
      await packages.refresh(none, context);
      const { upgrades } = await packages.observe(none, context);
      const wanted = upgrades.filter(({ security, from }) => security && from !== undefined);
      await packages.upgrade("security", wanted, none, context, timeoutMs);
      expect(await world.installed(names.security)).toBe(versions.next);
      expect(await world.installed(names.ordinary)).toBe(versions.old);
      expect(await packages.changes(context.run)).toContainEqual({
        name: names.security,
        from: versions.old,
        to: versions.next,
      });
      expect(await packages.changes("another-run")).toEqual([]);
      const state = await packages.observe(none, context);
      expect(upgradeNamed(state, names.security)).toBe(undefined);
      expect(upgradeNamed(state, names.ordinary)).toMatchObject({ to: versions.next });
    });

    test("everything is installed, new packages that it needs too; doing it again changes nothing", async () => {
      await using world = await open();
      const { packages, names, versions } = world;
      await packages.refresh(none, context);
      const { upgrades } = await packages.observe(none, context);
      await packages.upgrade("all", upgrades, none, context, timeoutMs);
      await packages.resume(context);
      expect(await world.installed(names.growing)).toBe(versions.next);
      expect(await world.installed(names.brought)).toBe(versions.brought);
      const changes = await packages.changes(context.run);
      expect(changes).toContainEqual({ name: names.brought, to: versions.brought });
      expect(changes).toContainEqual({ name: names.ordinary, from: versions.old, to: versions.next });
      expect((await packages.observe(none, context)).upgrades).toEqual([]);
      await packages.upgrade("all", [], none, context, timeoutMs);
      expect(await packages.changes(context.run)).toHaveLength(changes.length);
    });

    test("what is excluded is not planned, is named, and stays", async () => {
      await using world = await open();
      const { packages, names, versions } = world;
      const rules = { exclude: [`${names.ordinary.slice(0, -1)}?`, "nobody-has-this-*"] };
      await packages.refresh(rules, context);
      const state = await packages.observe(rules, context);
      expect(upgradeNamed(state, names.ordinary)).toBe(undefined);
      expect(state.excluded).toEqual([names.ordinary]);
      await packages.upgrade("all", state.upgrades, rules, context, timeoutMs);
      expect(await world.installed(names.ordinary)).toBe(versions.old);
      expect(await world.installed(names.growing)).toBe(versions.next);
      expect(upgradeNamed(await packages.observe(none, context), names.ordinary)).toMatchObject({ to: versions.next });
    });

    test("a package that asks for a reboot is named once it is installed", async () => {
      await using world = await open();
      const { packages, names } = world;
      expect(await packages.rebootState(signal)).toEqual({ required: false, reasons: [] });
      await packages.refresh(none, context);
      const { upgrades } = await packages.observe(none, context);
      await packages.upgrade("all", upgrades, none, context, timeoutMs);
      const { required, reasons } = await packages.rebootState(signal);
      expect(required).toBe(true);
      expect(reasons).toEqual([expect.stringContaining(names.rebooting)]);
      expect(await packages.servicesToRestart(signal)).toEqual([]);
    });
  });
}

function upgradeNamed(state: PackageState, wanted: string): Upgrade | undefined {
  return state.upgrades.find((upgrade) => upgrade.name === wanted);
}
