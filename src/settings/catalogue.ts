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
  return {
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

const kind: Kind = { code: "catalogue-invalid", subject: "The catalogue is" };

/** The file as it is written, validated. @throws InvalidFileError as `readCatalogue` */
export function readCatalogueTree(text: string, file: string) {
  return readDocument(kind, [{ file, text }], catalogueSchema, catalogueRules);
}

/** What src/ports/catalogue-reader.ts asks for. */
export function createCatalogueReader(): CatalogueReader {
  return {
    read(text, file, name) {
      const { value, tree } = readDocument(kind, [{ file, text }], catalogueSchema, catalogueRules, (whole) =>
        withOnly(whole, name),
      );
      const input = Object.hasOwn(value.roles, name) ? value.roles[name] : undefined;
      const entry = find(tree, ["roles", name]);
      const roles = find(tree, ["roles"]);
      return {
        ...(input === undefined || entry === undefined
          ? {}
          : { pinned: { role: toRole(name, input), entry: plain(entry) } }),
        formerKeys: formerKeysOf(tree, name),
        names: roles?.kind === "map" ? [...roles.entries.keys()] : [],
      };
    },
    role(name, entry) {
      const input = salvage(roleSchema, entry);
      return input && toRole(name, input);
    },
  };
}

/** The document with this role alone; the whole of it if it has no such role. */
function withOnly(tree: Tree, name: string): Tree {
  const roles = find(tree, ["roles"]);
  const own = roles?.kind === "map" ? roles.entries.get(name) : undefined;
  const entry = tree.kind === "map" ? tree.entries.get("roles") : undefined;
  if (tree.kind !== "map" || roles?.kind !== "map" || own === undefined || entry === undefined) return tree;
  const only: Tree = { ...roles, entries: new Map([[name, own]]) };
  return { ...tree, entries: new Map([...tree.entries, ["roles", { ...entry, value: only }]]) };
}

type CatalogueReader = {
  read(
    text: string,
    file: string,
    name: string,
  ): {
    readonly pinned?: { readonly role: Role; readonly entry: Json };
    readonly formerKeys: readonly Problem[];
    readonly names: readonly string[];
  };
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
