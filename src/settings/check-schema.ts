import { z } from "zod";
import type { Check, CheckKind, CheckTarget } from "../domain/health/check.ts";
import { units } from "../domain/settings/paths.ts";
import { checkDefaults as defaults } from "./defaults.ts";
import { absolutePath, amount, duration, host, list, map, oneOf, port, record, text, whole, words } from "./leaves.ts";

const line = text("text", "text");

const headerName = text("the name of a header", "name", (value) => /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(value));

const http = map({
  url: text("an http:// or https:// URL without user and password", "URL", isPlainUrl).describe("What is fetched."),
  method: oneOf(["GET", "HEAD"]).prefault(defaults.http.method).describe("The method."),
  headers: record(headerName, line, "a map of headers").prefault({}).describe("Sent along, such as `Host`."),
  status: whole("a status from 100 to 599", 100, 599)
    .prefault(defaults.http.status)
    .describe("The status that is expected."),
  contains: line.exactOptional().describe("Text that the body has to hold."),
}).refine((check) => check.method !== "HEAD" || check.contains === undefined, {
  path: ["contains"],
  error: "no contains, because the answer to HEAD has no body",
});

const tcp = z.union(
  [
    port.transform((value) => ({ host: defaults.tcp.host, port: value })),
    map({
      host: host.prefault(defaults.tcp.host).describe("Where to connect to."),
      port: port.describe("Which port."),
    }),
  ],
  { error: "a port from 1 to 65535, or a map of host, port" },
);

const unit = text(
  "a systemd unit with its suffix, such as nginx.service",
  "unit",
  (value) =>
    /^[A-Za-z0-9:_.\\@-]{1,240}\.(service|socket|target|mount|automount|timer|path|slice|scope|swap|device)$/.test(
      value,
    ) && !value.startsWith("-"),
).refine((value) => !Object.values(units).some((own) => own === value), {
  error: "a unit that serves the role (muster's own start after health has passed)",
});

const argv = z
  .tuple([line], line, { error: "a list: the program, then its arguments" })
  .transform((value) => ({ argv: value }));
const shell = line.transform((value) => ({ shell: value }));
/** The command that an operator wants to run. */
export const commandLine = z.union([shell, argv], { error: "a shell line, or a list of program and arguments" });

const command = z.union(
  [
    commandLine.transform((run) => ({ run, exit: defaults.command.exit as number })),
    map({
      run: commandLine.describe("A list of program and arguments, or one text: a line for the shell."),
      exit: whole("an exit status from 0 to 255", 0, 255)
        .prefault(defaults.command.exit)
        .describe("The exit status that is expected."),
      contains: line.exactOptional().describe("Text that its output has to hold."),
    }),
  ],
  { error: "a shell line, a list of program and arguments, or a map of run, exit, contains" },
);

const processName = text("the name of a process, without its path", "name", (value) => !value.includes("/"));
const processCount = whole("a number from 0 to 100000", 0, 100_000);

const process = z.union(
  [
    processName.transform((name) => ({ name, min: defaults.process.min as number })),
    map({
      name: processName.describe("The name of the process, or the base name of its program."),
      min: processCount.prefault(defaults.process.min).describe("At least so many of them."),
      max: processCount.exactOptional().describe("At most so many of them."),
    }).refine(({ min, max }) => max === undefined || min <= max, { path: ["max"], error: "no less than min" }),
  ],
  { error: "the name of a process, or a map of name, min, max" },
);

const disk = map({
  path: absolutePath.describe("Any path of the file system."),
  free: amount.describe("How much of it has to be free."),
});

const memory = map({ available: amount.describe("How much memory has to be available (`MemAvailable`).") });

const mount = z.union(
  [
    absolutePath.transform((path) => ({ path })),
    map({
      path: absolutePath.describe("Where it has to be mounted."),
      type: text("the type of a file system", "text", (value) => /^[\w.-]+$/.test(value))
        .exactOptional()
        .describe("Its type, such as `ext4`."),
    }),
  ],
  { error: "an absolute path, or a map of path, type" },
);

const file = z.union(
  [
    absolutePath.transform((path) => ({ path })),
    map({
      path: absolutePath.describe("The file or directory that has to exist."),
      contains: line.exactOptional().describe("Text that it has to hold."),
      mode: text('octal digits in quotes, such as "0644"', "octal digits", (value) => /^[0-7]{3,4}$/.test(value))
        .transform((value) => value.padStart(4, "0"))
        .exactOptional()
        .describe("Its permissions."),
      owner: text("the name of a user", "name", (value) => /^[a-z_][a-z0-9_-]*\$?$/i.test(value))
        .exactOptional()
        .describe("Its owner."),
    }),
  ],
  { error: "an absolute path, or a map of path, contains, mode, owner" },
);

/** What each kind of check is written as. */
const targets: { readonly [K in CheckKind]: z.ZodExactOptional<z.ZodType<CheckTarget<K>>> } = {
  http: http
    .transform((target) => ({ kind: "http" as const, ...target }))
    .exactOptional()
    .describe("A web address that has to answer as expected."),
  tcp: tcp
    .transform((target) => ({ kind: "tcp" as const, ...target }))
    .exactOptional()
    .describe("A port that has to accept a connection."),
  unit: unit
    .transform((name) => ({ kind: "unit" as const, unit: name }))
    .exactOptional()
    .describe("A systemd unit that has to be active."),
  command: command
    .transform((target) => ({ kind: "command" as const, ...target }))
    .exactOptional()
    .describe("A command that has to end as expected."),
  process: process
    .transform((target) => ({ kind: "process" as const, ...target }))
    .exactOptional()
    .describe("A process that has to run."),
  disk: disk
    .transform((target) => ({ kind: "disk" as const, ...target }))
    .exactOptional()
    .describe("Room on a file system."),
  memory: memory
    .transform((target) => ({ kind: "memory" as const, ...target }))
    .exactOptional()
    .describe("Memory that programs can have."),
  mount: mount
    .transform((target) => ({ kind: "mount" as const, ...target }))
    .exactOptional()
    .describe("A file system that has to be mounted."),
  file: file
    .transform((target) => ({ kind: "file" as const, ...target }))
    .exactOptional()
    .describe("A file that has to exist."),
};

/** What status and log call a check that has no name of its own. */
const names: { readonly [K in CheckKind]: (target: CheckTarget<K>) => string } = {
  http: ({ url }) => `http ${url}`,
  tcp: ({ host: to, port: on }) => (to === defaults.tcp.host ? `tcp ${on}` : `tcp ${to}:${on}`),
  unit: ({ unit: name }) => `unit ${name}`,
  command: ({ run }) => `command ${"shell" in run ? run.shell : run.argv.join(" ")}`.slice(0, 80),
  process: ({ name }) => `process ${name}`,
  disk: ({ path }) => `disk ${path}`,
  memory: () => "memory",
  mount: ({ path }) => `mount ${path}`,
  file: ({ path }) => `file ${path}`,
};

const kinds = Object.keys(targets).filter((key): key is CheckKind => Object.hasOwn(targets, key));

const checkMap = map({
  ...targets,
  name: text("a name of at most 100 characters", "text", (value) => value.length <= 100)
    .exactOptional()
    .describe("What status and log call it; by default the kind and what it looks at, as `tcp 80`."),
  interval: duration("100ms", "1h")
    .prefault(defaults.pacing.interval)
    .describe("From the end of one attempt to the start of the next."),
  timeout: duration("100ms", "1h")
    .prefault(defaults.pacing.timeout)
    .describe("An attempt that takes longer has failed."),
  rise: whole("a number from 1 to 100", 1, 100)
    .prefault(defaults.pacing.rise)
    .describe("How many attempts in a row have to pass."),
  fall: whole("a number from 1 to 100", 1, 100)
    .prefault(defaults.pacing.fall)
    .describe("How many attempts in a row have to fail before a healthy check is unhealthy."),
});

/** One check, as a file holds it: a map of one kind and its pacing. */
export const checkSchema = checkMap
  .refine((check) => kinds.filter((kind) => Object.hasOwn(check, kind)).length === 1, {
    error: `exactly one of ${words(kinds)}`,
    // Reports it beside the problems inside.
    when: ({ value }) => typeof value === "object" && value !== null,
  })
  .meta({ id: "check", oneOf: kinds.map((kind) => ({ required: [kind] })) })
  .transform(toCheck);

function toCheck(input: z.output<typeof checkMap>): Check {
  const target = targetOf(input);
  return {
    name: input.name ?? nameOf(target),
    target,
    pacing: { intervalMs: input.interval, timeoutMs: input.timeout, rise: input.rise, fall: input.fall },
  };
}

function targetOf(input: z.output<typeof checkMap>): CheckTarget {
  const target = kinds.map((kind) => input[kind]).find((found) => found !== undefined);
  if (target === undefined) throw new Error("a check of no kind passed its schema");
  return target;
}

function nameOf<K extends CheckKind>(target: CheckTarget<K>): string {
  return names[target.kind](target);
}

function isPlainUrl(value: string): boolean {
  if (!/^https?:\/\/[^/]/.test(value) || !URL.canParse(value)) return false;
  const url = new URL(value);
  return url.username === "" && url.password === "" && url.hostname !== "";
}

/** The checks of one tier. */
export const checksSchema = list(checkSchema, "a list of checks");
