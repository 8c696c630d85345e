import { expect, test } from "vitest";
import { createCatalogueReader, readCatalogue } from "../../../src/settings/catalogue.ts";
import { complaints } from "./complaints.ts";

const reader = createCatalogueReader();

const text = `version: 1
roles:
  web: { patch: { scope: none }, schedule: { check: "1 * * * *" } }
  broken: { patch: { scope: most }, health: { smoke: [{ tcp: 80 }, { tcp: 80 }] } }
  db: {}
`;

test("a host reads its own role, as the whole catalogue has it, and the names of the others", () => {
  const valid = text.replace(/^ {2}broken.*\n/m, "");
  const own = reader.read(valid, "muster.yaml", "web");
  expect(own.pinned?.role).toEqual(readCatalogue(valid, "muster.yaml").catalogue.roles["web"]);
  expect(own.pinned?.entry).toEqual({ patch: { scope: "none" }, schedule: { check: "1 * * * *" } });
  expect(own.names).toEqual(["web", "db"]);
  expect(own.formerKeys).toMatchObject([{ line: 3, code: "catalogue-key-renamed" }]);
  expect(reader.read(valid, "muster.yaml", "db").formerKeys).toEqual([]);
});

test("what is wrong in another role concerns its own instances alone; check tells of every role", () => {
  expect(reader.read(text, "muster.yaml", "web").pinned?.role.name).toBe("web");
  const places = ["muster.yaml:4:29: roles.broken.patch.scope", "roles.broken.health.smoke[1]"];
  for (const read of [() => reader.read(text, "muster.yaml", "broken"), () => readCatalogue(text, "muster.yaml")]) {
    const told = complaints(read);
    for (const [at, place] of places.entries()) expect(told[at]).toContain(place);
    expect(told).toHaveLength(2);
  }
});

test("what all roles share concerns every instance", () => {
  expect(complaints(() => reader.read(text.replace("version: 1", "version: 2"), "muster.yaml", "web"))).toHaveLength(1);
  expect(complaints(() => reader.read(`${text}  web: {}\n`, "muster.yaml", "db"))[0]).toContain("muster.yaml:6:3");
  expect(complaints(() => reader.read(`${text}roels: {}\n`, "muster.yaml", "db"))[0]).toContain("roels");
});

test("a role that the catalogue does not have has no entry; the rest of the catalogue is looked at", () => {
  for (const name of ["constructor", "__proto__", "Web", ""]) {
    const own = reader.read("version: 1\nroles: { web: {} }\n", "muster.yaml", name);
    expect(own).toEqual({ formerKeys: [], names: ["web"] });
  }
  expect(complaints(() => reader.read(text, "muster.yaml", "gone"))).toHaveLength(2);
});
