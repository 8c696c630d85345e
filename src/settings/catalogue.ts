import type { Json } from "../domain/text/canonical.ts";
import type { Problem } from "../domain/settings/problem.ts";
import type { Catalogue, Role } from "../domain/role/role.ts";
import { catalogueRules } from "./catalogue-rules.ts";
import { catalogueSchema, roleSchema } from "./catalogue-schema.ts";
import type { RoleInput } from "./catalogue-schema.ts";
import { roleDefaults } from "./defaults.ts";
import { readDocument, type Kind } from "./document.ts";
import { problemAt } from "./problems.ts";
import { salvage } from "./salvage.ts";
import { find, pathText, plain, positionOfKey, type Path, type Tree } from "./tree.ts";

/** A catalogue, and a way to report a problem with one of its values. */
export type ReadCatalogue = {
  readonly catalogue: Catalogue;
  /** Each role as the file writes it, by its name. */
  readonly entries: Readonly<Record<string, Json>>;
  /** The problem of a rule outside the file with the value at a path. */
  problem(path: Path, expected: string, found?: string): Problem;
};

/**
 * The catalogue, and the positions of its values in the file.
 * @throws InvalidFileError `catalogue-invalid` with every problem
 */
export function readCatalogue(text: string, file: string): ReadCatalogue {
  const { value, tree } = readCatalogueTree(text, file);
  const roles = Object.fromEntries(Object.entries(value.roles).map(([name, input]) => [name, toRole(name, input)]));
  const formerKeys = Object.fromEntries(
    Object.keys(roles).flatMap((name) => {
      const former = formerKeysOf(tree, name);
      return former.length === 0 ? [] : [[name, former]];
    }),
  );
  const entries = Object.fromEntries(
    Object.keys(roles).flatMap((name) => {
      const entry = find(tree, ["roles", name]);
      return entry === undefined ? [] : [[name, plain(entry)]];
    }),
  );
  return {
    entries,
    catalogue: { version: value.version, roles, ...(Object.keys(formerKeys).length === 0 ? {} : { formerKeys }) },
    problem: (path, expected, found) => problemAt(tree, path, expected, found),
  };
}

function formerKeysOf(tree: Tree, role: string): readonly Problem[] {
  const path = ["roles", role, "schedule"];
  if (find(tree, [...path, "check"]) === undefined) return [];
  const message = `${pathText([...path, "check"])}: the key is called drift now; check still works`;
  return [{ ...positionOfKey(tree, path, "check"), message, code: "catalogue-key-renamed" }];
}

/** The file as it is written, validated. @throws InvalidFileError as `readCatalogue` */
export function readCatalogueTree(text: string, file: string) {
  const kind: Kind = { code: "catalogue-invalid", subject: "The catalogue is" };
  return readDocument(kind, [{ file, text }], catalogueSchema, catalogueRules);
}

/** What src/ports/catalogue-reader.ts asks for. */
export function createCatalogueReader(): CatalogueReader {
  return {
    read(text, file) {
      const { catalogue, entries } = readCatalogue(text, file);
      return { ...catalogue, entries };
    },
    role(name, entry) {
      const input = salvage(roleSchema, entry);
      return input && toRole(name, input);
    },
  };
}

type CatalogueReader = {
  read(text: string, file: string): Catalogue & Pick<ReadCatalogue, "entries">;
  role(name: string, entry: Json): Role | undefined;
};

/** What a role is made into. A test has the compiler compare it with the domain's {@link Role}, key by key. */
export type ReadRole = ReturnType<typeof toRole>;

function toRole(name: string, input: RoleInput) {
  const { timeout, ...patch } = input.patch;
  return {
    name,
    patch: { ...patch, timeoutMs: timeout },
    converge: input.converge,
    health: toHealth(input.health),
    register: input.register.map(toRegisterRule),
    dns: input.dns,
    ...(input.slot === undefined ? {} : { slot: toSlot(input.slot) }),
    leave: input.leave,
    schedule: toSchedule(input.schedule),
  };
}

function toHealth({ deadline, every, replaceAfter, ...checks }: RoleInput["health"]) {
  const replacing = replaceAfter === undefined ? {} : { replaceAfterMs: replaceAfter };
  return { ...checks, deadlineMs: deadline, everyMs: every, ...replacing };
}

function toSlot({ expires, ...slot }: NonNullable<RoleInput["slot"]>) {
  return { ...slot, expiresMs: expires };
}

function toSchedule({ patch, splay, ...schedule }: RoleInput["schedule"]) {
  return {
    ...schedule,
    splayMs: splay,
    ...(patch === undefined ? {} : { patch: { at: patch.at, windowMs: patch.window } }),
  };
}

/** The schema ensures that exactly one of the two names is there, and the port if it is needed. */
function toRegisterRule(input: RoleInput["register"][number]) {
  const { targetGroup, classicLoadBalancer = "", port = roleDefaults.register.classicPort, minimumHealthy } = input;
  const minimum = minimumHealthy === undefined ? {} : { minimumHealthy };
  const common = { port, deadlineMs: input.deadline, drainMs: input.drain, ...minimum };
  return targetGroup === undefined ? { classicLoadBalancer, ...common } : { targetGroup, ...common };
}
