import { createFakeDns } from "../fakes/dns.ts";
import { me, registrySuite, zone, dead } from "./registry.suite.ts";

const dns = createFakeDns([zone]);
const { signal } = new AbortController();

registrySuite("fake", {
  dns,
  registry: dns.registry,
  reset() {
    for (const owner of [me, dead, { ...dead, account: "999988887777" }, { ...dead, region: "us-east-1" }]) {
      void dns.registry.disown(
        { zone },
        owner,
        ["a", "b", "c", "t"].map((label) => `${label}.${zone}`),
        signal,
      );
    }
  },
  records: () => dns.records().map((line) => line.replace(/^(\S+) \d+ \S+ /, "$1 ")),
});
