import { expect, test } from "vitest";
import { checkCommand } from "../../../../src/cli/commands/check.ts";
import type { CommandInput, CommandIo } from "../../../../src/cli/command.ts";
import { schema } from "../../../../src/cli/commands/schema.ts";
import { MusterError } from "../../../../src/domain/errors/errors.ts";

const settings = "cloud: local\nconfig: { url: file:///srv/config.git }\n";
const catalogue = `version: 1
roles:
  web:
    converge:
      - puppet: { manifest: manifests/site.pp, modules: [modules, site], hiera: hiera.yaml }
`;

/** A machine with these files; a name that ends with a slash is a directory. */
function machine(files: Readonly<Record<string, string>>, shared: Readonly<Record<string, string>> = {}) {
  const fileOf = (file: string) => (Object.hasOwn(files, file) ? { file, text: files[file] ?? "" } : undefined);
  return checkCommand({
    readSettings(file, directory) {
      const main = fileOf(file);
      if (main === undefined) throw new MusterError({ code: "settings-missing", message: file, hint: "" });
      const layers = Object.keys(files).filter((name) => name.startsWith(`${directory}/`));
      return Promise.resolve([main, ...layers.flatMap((name) => fileOf(name) ?? [])]);
    },
    whoElseWrites: (path) => shared[path],
    readText: (file) => Promise.resolve(fileOf(file)),
    kindOf(path) {
      if (Object.hasOwn(files, path)) return Promise.resolve("file");
      return Promise.resolve(Object.hasOwn(files, `${path}/`) ? "directory" : undefined);
    },
    // No git checkout.
    heldContent: () => Promise.resolve(undefined),
    orderedAfter: (unit) => Promise.resolve(unit === "late.service" ? ["basic.target", "muster-ready.target"] : []),
  });
}

async function run(
  files: Readonly<Record<string, string>>,
  args: readonly string[] = [],
  options: CommandInput["options"] = {},
  shared: Readonly<Record<string, string>> = {},
) {
  let printed = "";
  const io = { out: (text: string) => void (printed += text) } as CommandIo;
  return { status: await machine(files, shared).run({ args, options }, io), printed };
}

test("valid settings: says what was checked", async () => {
  const files = {
    "/etc/muster/muster.yaml": settings,
    "/etc/muster/conf.d/10-site.yaml": "log: json\n",
    "/etc/muster/instance.yaml": "id: i-1\nzone: a\n",
  };
  expect(await run(files)).toEqual({
    status: 0,
    printed: "valid: /etc/muster/muster.yaml, /etc/muster/conf.d/10-site.yaml, /etc/muster/instance.yaml\n",
  });
});

const shared = {
  "/etc/muster/muster.yaml": "it may be written by every user",
  "/etc/muster/conf.d": "it may be written by group 4",
  "/etc/muster/instance.yaml": "it belongs to user 7",
  "/etc/muster/signers": "its directory belongs to user 8",
  "/etc/muster/tsig.key": "it belongs to user 9",
};
const naming = `cloud: local
config:
  url: file:///srv/config.git
  signers: /etc/muster/signers
local: { dns: { server: 10.0.0.5, key: /etc/muster/tsig.key } }
`;

test("every file that others may change is told at once, where the settings name it", async () => {
  const files = { "/etc/muster/muster.yaml": naming, "/etc/muster/instance.yaml": "id: i-1\nzone: a\n" };
  const { status, printed } = await run(files, [], {}, shared);
  expect(status).toBe(2);
  expect(printed.trim().split("\n")).toEqual([
    "/etc/muster/muster.yaml:1:1: /etc/muster/muster.yaml: expected a path that only root may change, found that it may be written by every user",
    "/etc/muster/muster.yaml:1:1: /etc/muster/conf.d: expected a path that only root may change, found that it may be written by group 4",
    "/etc/muster/muster.yaml:4:12: /etc/muster/signers: expected a path that only root may change, found that its directory belongs to user 8",
    "/etc/muster/muster.yaml:5:40: /etc/muster/tsig.key: expected a path that only root may change, found that it belongs to user 9",
    "/etc/muster/instance.yaml:1:1: /etc/muster/instance.yaml: expected a path that only root may change, found that it belongs to user 7",
  ]);
});

test("of settings that are a draft in a checkout it is only a warning", async () => {
  const { status, printed } = await run(
    { "draft/muster.yaml": settings },
    [],
    { settings: "draft/muster.yaml" },
    { "draft/muster.yaml": "it belongs to user 1000" },
  );
  expect(status).toBe(0);
  expect(printed).toMatch(/^draft\/muster.yaml:1:1: warning: .* belongs to user 1000\nvalid: draft\/muster.yaml\n$/);
});

test("every problem of every file, and exit status 2", async () => {
  const files = {
    "/etc/muster/muster.yaml": `${settings}logs: json\n`,
    "/etc/muster/instance.yaml": "id: i-1\n",
    "repo/muster.yaml": "version: 1\nroles: { web: { patch: { scope: most } } }\n",
  };
  const { status, printed } = await run(files, ["repo"]);
  expect(status).toBe(2);
  expect(printed.split("\n")).toEqual([
    '/etc/muster/muster.yaml:3:1: unknown key "logs", expected cloud, config, tags, defaults, onFailure, lifecycle, clock, retry, log, metrics, dns, aws, proxy, local; did you mean "log"?',
    "/etc/muster/instance.yaml:1:1: zone: missing, expected the name of a zone: letters, digits, dots, dashes, underscores",
    'repo/muster.yaml:2:33: roles.web.patch.scope: expected security, all or none, found "most"',
    "",
  ]);
});

test("in the CI of the config repo there are no settings: the catalogue and the files it names", async () => {
  const files = { "muster.yaml": catalogue, "manifests/site.pp": "", "modules/": "", "site/": "", "hiera.yaml": "" };
  expect(await run(files, ["."])).toEqual({ status: 0, printed: "valid: muster.yaml\n" });
});

test("files that a catalogue names and that are not there", async () => {
  const { status, printed } = await run({ "muster.yaml": catalogue, "modules/": "", site: "", "hiera.yaml/": "" }, [
    ".",
  ]);
  expect(status).toBe(2);
  expect(printed.split("\n")).toEqual([
    "muster.yaml:5:29: roles.web.converge[0].puppet.manifest: expected a file or a directory of the config repo, found nothing at manifests/site.pp",
    "muster.yaml:5:67: roles.web.converge[0].puppet.modules[1]: expected a directory of the config repo, found a file at site",
    "muster.yaml:5:81: roles.web.converge[0].puppet.hiera: expected a file of the config repo, found a directory at hiera.yaml",
    "",
  ]);
});

test("--json holds the same, as data", async () => {
  const { status, printed } = await run({ "image/muster.yaml": "cloud: azure\n" }, [], {
    settings: "image/muster.yaml",
    json: true,
  });
  expect(status).toBe(2);
  expect(JSON.parse(printed)).toEqual({
    valid: false,
    checked: ["image/muster.yaml"],
    problems: [
      { file: "image/muster.yaml", line: 1, column: 1, message: expect.stringMatching(/^config: missing/) as unknown },
      {
        file: "image/muster.yaml",
        line: 1,
        column: 8,
        message: expect.stringMatching(/^cloud: expected aws or local/) as unknown,
      },
    ],
    warnings: [],
  });
});

test("nothing to check is an error, not a success", async () => {
  await expect(run({})).rejects.toMatchObject({ code: "settings-missing" });
  await expect(run({}, ["repo"])).rejects.toMatchObject({ code: "usage-no-catalogue" });
  await expect(run({ "repo/muster.yaml": catalogue }, ["repo"], { settings: "none.yaml" })).rejects.toMatchObject({
    code: "settings-missing",
  });
});

test.each(["settings", "catalogue", "instance"])("muster schema %s prints a JSON Schema", async (name) => {
  let printed = "";
  expect(
    await schema.run({ args: [name], options: {} }, { out: (text: string) => void (printed += text) } as CommandIo),
  ).toBe(0);
  expect(JSON.parse(printed)).toMatchObject({
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    additionalProperties: false,
  });
});

test("muster schema of anything else is usage", () => {
  expect(() => schema.run({ args: ["roles"], options: {} }, {} as CommandIo)).toThrow(
    expect.objectContaining({ code: "usage-unknown-schema", hint: "Ask for one of settings, catalogue, instance." }),
  );
});

test("a unit that waits for the gates which wait for it is refused, where the machine has it", async () => {
  const text = `version: 1
roles:
  web:
    health: { service: [{ unit: early.service }, { unit: late.service }] }
`;
  const { status, printed } = await run({ "/repo/muster.yaml": text }, ["/repo"]);
  expect(status).toBe(2);
  expect(printed).toBe(
    "/repo/muster.yaml:4:58: roles.web.health.service[1].unit: expected a unit that is not ordered after muster-ready.target, found late.service, which is\n",
  );
});

test("a role that uses a tag which the settings do not trust", async () => {
  const catalogue = `version: 1
roles:
  web:
    register: [{ targetGroup: "{tag.colour}", port: 80 }]
    dns: [{ zone: a.example, name: "{tag.host}-{tag.host}", type: A }]
    slot: { zone: a.example, name: "{tag.team}" }
`;
  const files = {
    "/etc/muster/muster.yaml": `${settings}tags: { trust: [role, tag.team] }\n`,
    "repo/muster.yaml": catalogue,
  };
  const { status, printed } = await run(files, ["repo"]);
  expect(status).toBe(2);
  expect(printed.replaceAll(/\n {2}/g, " ")).toBe(
    `repo/muster.yaml:4:31: roles.web.register[0].targetGroup: expected a tag that tags.trust of the settings lists (role, tag.team), found {tag.colour}; list tag.colour there
repo/muster.yaml:5:36: roles.web.dns[0].name: expected a tag that tags.trust of the settings lists (role, tag.team), found {tag.host}; list tag.host there
`,
  );
  // In the CI of a config repo nobody knows the settings.
  expect(await run({ "repo/muster.yaml": catalogue }, ["repo"])).toMatchObject({ status: 0 });
});

test("the former name of a key is a warning with its place, and no problem", async () => {
  const body = `version: 1\nroles:\n  web:\n    schedule: { check: "5 * * * *" }\n`;
  const { status, printed } = await run({ "repo/muster.yaml": body }, ["repo"]);
  expect(status).toBe(0);
  expect(printed).toBe(
    `repo/muster.yaml:4:17: warning: roles.web.schedule.check: the key is called drift now; check still works [catalogue-key-renamed]
valid: repo/muster.yaml
`,
  );
});

test("a TTL that outlasts a spot notice is a warning, and no problem", async () => {
  const records = `    dns:
      - { zone: a.example, name: web, type: A, ttl: 30 }
      - { zone: b.example, name: web, type: A, ttl: 31 }
`;
  const text = `version: 1\nroles:\n  web:\n${records}`;
  const { status, printed } = await run({ "repo/muster.yaml": text }, ["repo"]);
  expect(status).toBe(0);
  expect(printed).toBe(
    `repo/muster.yaml:6:53: warning: roles.web.dns[1].ttl: expected at most 30, to be forgotten in time at a spot notice, found 31
valid: repo/muster.yaml
`,
  );
  const json: unknown = JSON.parse((await run({ "repo/muster.yaml": text }, ["repo"], { json: true })).printed);
  expect(json).toMatchObject({ valid: true, problems: [], warnings: [{ line: 6, column: 53 }] });
});
