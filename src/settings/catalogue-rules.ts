import type { z } from "zod";
import { zoneDetails, type ZoneName } from "../domain/membership/zone.ts";
import type { Problem } from "../domain/settings/problem.ts";
import { dnsSchema, registerSchema } from "./membership-schema.ts";
import { checkSchema } from "./check-schema.ts";
import { problemAt } from "./problems.ts";
import { find, pathText, plain } from "./tree.ts";
import type { Path, Tree } from "./tree.ts";

/** Rules over several entries of one role. Invalid entries are skipped. */
export function catalogueRules(tree: Tree): Problem[] {
  const roles = find(tree, ["roles"]);
  if (roles?.kind !== "map") return [];
  return [...roles.entries.keys()].flatMap((name) => {
    const role = ["roles", name];
    return [
      ...sameName(tree, role),
      ...sameTarget(tree, role),
      ...sameRecord(tree, role),
      ...aliasBesideOthers(tree, role),
      ...routedBesideOthers(tree, role),
    ];
  });
}

function sameName(tree: Tree, role: Path): Problem[] {
  const checks = ["system", "service", "smoke"].flatMap((tier) =>
    entries(tree, [...role, "health", tier], checkSchema),
  );
  return repeated(checks, ({ name }) => name).map(({ path, value, first }) =>
    problemAt(
      tree,
      path,
      `a check name that is used once (${pathText(first)} has it too; set name)`,
      JSON.stringify(value.name),
    ),
  );
}

function sameTarget(tree: Tree, role: Path): Problem[] {
  const rules = entries(tree, [...role, "register"], registerSchema);
  return repeated(rules, groupAndPort).map(({ path, value, first }) =>
    problemAt(
      tree,
      path,
      `every target group and port, and every Classic Load Balancer, once (${pathText(first)} has it too)`,
      groupAndPort(value),
    ),
  );
}

function groupAndPort({ targetGroup, classicLoadBalancer, port }: z.output<typeof registerSchema>): string {
  return targetGroup === undefined ? `classicLoadBalancer ${classicLoadBalancer}` : `${targetGroup} ${port}`;
}

function sameRecord(tree: Tree, role: Path): Problem[] {
  const records = entries(tree, [...role, "dns"], dnsSchema);
  return repeated(records, (record) => JSON.stringify([nameOf(record), record.type, record.value])).map(
    ({ path, value, first }) =>
      problemAt(tree, path, `every record once (${pathText(first)} is the same)`, `${nameOf(value)} ${value.type}`),
  );
}

function aliasBesideOthers(tree: Tree, role: Path): Problem[] {
  const records = entries(tree, [...role, "dns"], dnsSchema);
  return records
    .filter(({ value: alias }) => alias.type === "CNAME")
    .filter(({ value: alias, path }) =>
      records.some((other) => other.path !== path && nameOf(other.value) === nameOf(alias)),
    )
    .map(({ value, path }) =>
      problemAt(tree, path, "a CNAME alone under its name", `another record of ${nameOf(value)} beside it`),
    );
}

/** An instance has one record in the set of a name and type, and all of them follow one policy. */
function routedBesideOthers(tree: Tree, role: Path): Problem[] {
  const records = entries(tree, [...role, "dns"], dnsSchema);
  const same = repeated(records, (record) => JSON.stringify([nameOf(record), record.type]));
  const routed = new Set(
    records.flatMap(({ value }) => (value.routing === undefined ? [] : `${nameOf(value)} ${value.type}`)),
  );
  return same
    .filter(({ value }) => routed.has(`${nameOf(value)} ${value.type}`))
    .map(({ path, value, first }) =>
      problemAt(
        tree,
        path,
        `a name and type with routing once (${pathText(first)} has them too)`,
        `${nameOf(value)} ${value.type}`,
      ),
    );
}

type Entry<Value> = { readonly path: Path; readonly value: Value };

/** The valid entries of a list. */
function entries<Schema extends z.ZodType>(tree: Tree, path: Path, schema: Schema): Entry<z.output<Schema>>[] {
  const list = find(tree, path);
  if (list?.kind !== "list") return [];
  return list.items.flatMap((item, index) => {
    const parsed = schema.safeParse(plain(item));
    return parsed.success ? [{ path: [...path, index], value: parsed.data }] : [];
  });
}

/** Every entry whose key an earlier entry has, with the path of the earlier one. */
function repeated<Value>(
  all: readonly Entry<Value>[],
  keyOf: (value: Value) => string,
): (Entry<Value> & { first: Path })[] {
  const seen = new Map<string, Path>();
  return all.flatMap((entry) => {
    const key = keyOf(entry.value);
    const first = seen.get(key);
    if (first !== undefined) return [{ ...entry, first }];
    seen.set(key, entry.path);
    return [];
  });
}

/** The name, and the zone where there may be others of its name: a public and a private zone hold a name each. */
function nameOf({ name, ...zone }: ZoneName & { readonly name: string }): string {
  const full = (name === "@" ? zone.zone : `${name}.${zone.zone}`).toLowerCase();
  return [full, ...zoneDetails(zone).map((detail) => `(${detail})`)].join(" ");
}
