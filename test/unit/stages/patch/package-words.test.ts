// A machine is told the words of its own package manager, never those of another one.
import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { aptDialect, aptHints } from "../../../../src/adapters/apt/package-manager.ts";
import { commandsOf } from "../../../../src/adapters/dnf/flavour.ts";
import { dnfDialect } from "../../../../src/adapters/dnf/package-manager.ts";
import { stoodStill } from "../../../../src/adapters/host/packages/failures.ts";
import type { Dialect } from "../../../../src/adapters/host/packages/transactions.ts";
import { errorAreas } from "../../../../src/error-pages/pages.ts";
import { MusterError } from "../../../../src/domain/errors/errors.ts";
import type { PackageHints } from "../../../../src/ports/package-manager.ts";
import type { UnitExit } from "../../../../src/ports/unit-runner.ts";
import { createWorld, never } from "../../run/world.ts";
import { patch } from "./patching.ts";

const ofApt = /\b(dpkg|apt|apt-get|apt-mark|unattended-upgrades)\b|reboot-required|\/var\/lib\/(dpkg|apt)/;
const ofDnf = /\b(dnf|dnf5|rpm|yum|needs-restarting)\b/;

type Manager = {
  readonly name: string;
  readonly hints: PackageHints;
  readonly dialect: Dialect;
  readonly foreign: RegExp;
  /** A command of it, and what it prints where it fails. */
  readonly what: string;
  readonly printed: Readonly<Record<string, string>>;
};

const dnfPrinted = {
  "package-lock-held": "RPMDB already locked by 26112",
  "package-disk-full": "At least 12MB more space needed on the / filesystem.",
  "package-fetch-failed": "Status code: 503 for http://127.0.0.1:9/x",
  "package-name-unresolved": "Curl error (6): Couldn't resolve host name for http://x.invalid/x",
  "package-connection-refused": "Curl error (7): Couldn't connect to server for http://127.0.0.1:9/x",
  "package-no-route": "Curl error (7): Couldn't connect to server for http://x/x [No route to host]",
  "package-timeout": "Curl error (28): Timeout was reached for http://x/x",
  "package-certificate-refused": "Curl error (60): SSL peer certificate or SSH remote key was not OK for https://x/x",
  "package-file-missing": "Status code: 404 for http://127.0.0.1:9/x",
  "package-file-wrong": 'Package "tool-1.1-1.noarch" from local repository "lab" has incorrect checksum',
  "package-source-untrusted": "Public key for app-1.1-1.noarch.rpm is not installed",
  "package-script-failed": "error: %prein(fails-1.1-1.noarch) scriptlet failed, exit status 3",
  "package-dependencies-broken": "  - nothing provides nowhere needed by needs-1.1-1.noarch",
  "package-upgrade-failed": "Error: This is unheard of",
};

const managers: readonly Manager[] = [
  {
    name: "apt",
    hints: aptHints,
    dialect: aptDialect,
    foreign: ofDnf,
    what: "apt-get upgrade",
    printed: {
      "package-lock-held":
        "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 812 (apt-get)\nE: Unable to lock directory /var/lib/apt/lists/",
      "package-disk-full": "E: You don't have enough free space in /var/cache/apt/archives/.",
      "package-fetch-failed": "E: Failed to fetch http://deb/x  Could not connect to deb:80",
      "package-name-unresolved": "E: Failed to fetch http://deb/x  Could not resolve 'deb'",
      "package-connection-refused":
        "E: Failed to fetch http://deb/x  Could not connect to deb:80 (10.0.0.1). - connect (111: Connection refused)",
      "package-no-route":
        "E: Failed to fetch http://deb/x  Cannot initiate the connection to deb:80 (10.0.0.1). - connect (101: Network is unreachable)",
      "package-timeout":
        "E: Failed to fetch http://deb/x  Could not connect to deb:80 (10.0.0.1), connection timed out",
      "package-certificate-refused":
        "E: Failed to fetch https://deb/x  Certificate verification failed: The certificate is NOT trusted. The certificate issuer is unknown.  Could not handshake: Error in the certificate verification. [IP: 10.0.0.1 443]",
      "package-file-missing": "E: Failed to fetch http://deb/x  404  Not Found [IP: 10.0.0.1 80]",
      "package-file-wrong": "E: Failed to fetch http://deb/x  Hash Sum mismatch",
      "package-source-untrusted": "E: The repository 'http://deb x' is not signed.",
      "package-sources-invalid": "E: Malformed entry 1 in list file /etc/apt/sources.list (Component)",
      "package-script-failed": "dpkg: error processing package nginx (--configure):\n it returned error exit status 1",
      "package-dependencies-broken": "E: Unmet dependencies. The following packages have unmet dependencies:",
      "package-upgrade-failed": "E: This is unheard of",
    },
  },
  {
    name: "dnf",
    hints: commandsOf("dnf").hints,
    dialect: dnfDialect,
    foreign: ofApt,
    what: "dnf upgrade",
    printed: dnfPrinted,
  },
  {
    name: "dnf5",
    hints: commandsOf("dnf5").hints,
    dialect: dnfDialect,
    foreign: ofApt,
    what: "dnf5 upgrade",
    printed: dnfPrinted,
  },
];

const ends: readonly UnitExit[] = [
  { kind: "killed", signal: "SIGKILL" },
  { kind: "timed-out" },
  { kind: "lost", why: "the kernel killed it for want of memory" },
];

function textOf({ code, message, hint }: MusterError): string {
  return `${code}: ${message}. ${hint}`;
}

/** Each failure that a transaction can have. */
function failuresOf({ dialect, what, printed }: Manager): readonly MusterError[] {
  const failed = { what, logFile: "/var/log/muster/units/patch.log" };
  return [
    ...Object.values(printed).map((text) =>
      dialect.failureOf({ ...failed, lines: text.split("\n"), exit: { kind: "exited", code: 1 } }),
    ),
    ...ends.map((exit) => dialect.failureOf({ ...failed, lines: [], exit })),
    stoodStill(what, failed.logFile),
  ];
}

describe.each(managers)("$name", (manager) => {
  const { hints, printed, foreign } = manager;

  test("its failures are the codes that they are meant to be", () => {
    expect(failuresOf(manager).map(({ code }) => code)).toEqual(expect.arrayContaining(Object.keys(printed)));
  });

  test("no failure, and no notice of a run that goes on past it, has words of the other one", async () => {
    const told: string[] = [];
    for (const failure of failuresOf(manager)) {
      for (const onFailure of ["hold", "continue"] as const) {
        const script = { hints, looks: [{}], fails: { observe: [failure], refresh: [failure] } };
        const { error, context } = await patch("all", script, true, false, { onFailure });
        told.push(...context.warnings.map((warning) => JSON.stringify(warning)));
        if (error instanceof MusterError) told.push(textOf(error));
      }
    }
    expect(told.length).toBeGreaterThanOrEqual(2 * Object.keys(printed).length);
    expect(told.filter((text) => foreign.test(text))).toEqual([]);
  });

  test("packages that no repair puts in order: the hint has its own command", async () => {
    const looks = Array.from({ length: 9 }, () => ({ interrupted: true, unfinished: ["nginx"] }));
    const { error } = await patch("all", { hints, looks });
    const text = textOf(error as MusterError);
    expect(text).toContain(hints.audit);
    expect(text).not.toMatch(foreign);
  });

  test("a reboot too many: the hint has its own command", async () => {
    const world = await createWorld();
    Object.assign(world.packages, { hints });
    world.packages.reboot = { required: true, reasons: ["a kernel"] };
    for (const boot of ["boot-1", "boot-2", "boot-3"]) {
      world.bootId = boot;
      const muster = await world.start();
      const end = await muster.executor.start(never);
      if (boot !== "boot-3") continue;
      const hint: unknown = expect.stringContaining(hints.rebootReasons);
      expect(end).toMatchObject({ kind: "held", error: { code: "reboot-budget-spent", hint } });
      expect(JSON.stringify(muster.events)).not.toMatch(foreign);
    }
  });
});

const repository = resolve(import.meta.dirname, "../../../..");

/** The code of files, without comments. */
function codeOf(pattern: string): readonly (readonly [file: string, line: string])[] {
  return globSync(pattern, { cwd: repository }).flatMap((file) =>
    readFileSync(resolve(repository, file), "utf8")
      .split("\n")
      .filter((line) => !/^\s*(\/\/|\*|\/\*|import\b)/.test(line))
      .map((line) => [file, line] as const),
  );
}

test.each([
  ["src/adapters/dnf/*.ts", ofApt],
  ["src/adapters/apt/*.ts", ofDnf],
  ["src/{stages,run,daemon,membership,scaling-group}/**/*.ts", new RegExp(`${ofApt.source}|${ofDnf.source}`)],
  ["src/adapters/{puppet,git,control,systemd}/*.ts", new RegExp(`${ofApt.source}|${ofDnf.source}`)],
])("%s: no text has words of a package manager that may not be there", (pattern, foreign) => {
  const code = codeOf(pattern);
  expect(code.length).toBeGreaterThan(100);
  const quoted = code.filter(([, line]) => {
    const literals = line.match(/"[^"]*"|'[^']*'|`[^`]*`|"[^"]*$/g) ?? [];
    // The code of a notice, which every machine has.
    return literals.some((text) => text !== '"reboot-required"' && foreign.test(text));
  });
  expect(quoted).toEqual([]);
});

describe("the pages of codes", () => {
  /** What only one of them has. */
  const alone: readonly string[] = ["package-source-changed", "package-repository-locked", "reboot-unknown"];
  const pages = errorAreas.flatMap((area) => Object.entries(area.pages));
  const steps = pages.flatMap(([code, { todo }]) =>
    todo.map((step) => ({ code, text: typeof step === "string" ? step : step.join("\n") })),
  );

  test("a step with the commands of one names it", () => {
    const unnamed = steps.filter(
      ({ code, text }) =>
        !alone.includes(code) &&
        ((/^(apt-|dpkg)/m.test(text) && !/^(With|For a damaged index of) apt\b/.test(text)) ||
          (/^(dnf|rpm)/m.test(text) && !/^With dnf\b/.test(text))),
    );
    expect(unnamed).toEqual([]);
  });

  test("a page that tells what to do with one of them tells it of the other", () => {
    const one = pages
      .map(([code]) => code)
      .filter((code) => {
        const own = steps.filter((step) => step.code === code).map(({ text }) => text);
        return own.some((text) => text.startsWith("With apt")) !== own.some((text) => text.startsWith("With dnf"));
      });
    expect(one.filter((code) => !alone.includes(code))).toEqual([]);
  });
});
