import { createFakeDns } from "../fakes/dns.ts";
import { dnsSuite } from "./dns.suite.ts";

const dns = createFakeDns(["example.internal"]);

dnsSuite("fake", () => ({
  dns,
  zone: "example.internal",
  plant: async (record) => dns.plant(record),
  ask: async (name, type) =>
    dns
      .records()
      .map((line) => /^(\S+) \d+ (\S+) (.*)$/s.exec(line) ?? [])
      .filter(([, owner, kind]) => owner === name && kind === type)
      .map(([, , , value]) => value ?? "")
      .toSorted(),
}));
