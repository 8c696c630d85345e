import { expect, test } from "vitest";
import { hostAddresses, reachable, type HostNetwork } from "../../../../src/adapters/host/host-addresses.ts";

function address(family: "IPv4" | "IPv6", text: string, internal = false): never {
  return { family, address: text, internal } as never;
}

const interfaces: HostNetwork["interfaces"] = {
  lo: [address("IPv4", "127.0.0.1", true), address("IPv6", "::1", true)],
  docker0: [address("IPv4", "172.17.0.1"), address("IPv6", "fd00:d0c::1")],
  ens6: [address("IPv4", "10.0.1.7"), address("IPv6", "fe80::7"), address("IPv6", "2001:db8::7")],
  ens5: [address("IPv4", "10.0.0.4"), address("IPv4", "10.0.0.5"), address("IPv4", "169.254.3.4")],
};
const none = { flags6: "", sources: [] };

test("the address that the kernel sends from comes first, then the others of that interface", () => {
  expect(reachable({ interfaces, ...none, sources: ["10.0.0.5"] })).toEqual({
    ipv4: ["10.0.0.5", "10.0.0.4", "10.0.1.7"],
    ipv6: ["2001:db8::7"],
  });
});

test.each(["docker0", "br-3f2a", "virbr0", "cni0", "veth1a2b", "podman0", "lxdbr0"])("%s is no address", (name) => {
  const bridge = { [name]: [address("IPv4", "172.17.0.1")] };
  expect(reachable({ interfaces: bridge, ...none })).toEqual({ ipv4: [], ipv6: [] });
  // An operator's own bridge, which the machine sends from.
  expect(reachable({ interfaces: bridge, ...none, sources: ["172.17.0.1"] }).ipv4).toEqual(["172.17.0.1"]);
});

test.each([
  ["temporary", "01"],
  ["deprecated", "20"],
  ["tentative", "40"],
  ["twice in the network", "08"],
  ["temporary and deprecated", "21"],
])("an IPv6 address that is %s is none, even where the kernel would send from it", (_what, flag) => {
  const two = { ens5: [address("IPv6", "2001:db8::a"), address("IPv6", "2001:db8::b")] };
  const flags6 = `20010db800000000000000000000000a 02 40 00 ${flag}     ens5
20010db800000000000000000000000b 02 40 00 80     ens5
`;
  expect(reachable({ interfaces: two, flags6, sources: ["2001:db8::a"] }).ipv6).toEqual(["2001:db8::b"]);
});

test("loopback and link-local addresses reach nobody; what the kernel sends from counts on lo too", () => {
  const { lo } = interfaces;
  const local = { lo, ens5: [address("IPv6", "FE80::1")] };
  expect(reachable({ interfaces: local, ...none, sources: ["127.0.0.1", "FE80::1"] })).toEqual({ ipv4: [], ipv6: [] });
  const routed = { lo: [address("IPv4", "10.255.0.9", true), ...(lo ?? [])] };
  expect(reachable({ interfaces: routed, ...none, sources: ["10.255.0.9"] }).ipv4).toEqual(["10.255.0.9"]);
});

test("this machine is asked without a packet, and answers or says that it has no network", async () => {
  const asked = await hostAddresses("/etc/muster/instance.yaml").catch((error: unknown) => error);
  expect(asked).toSatisfy(
    (found: object) => "ipv4" in found || ("code" in found && found.code === "instance-no-address"),
  );
});
