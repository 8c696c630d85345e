import { expect, test } from "vitest";
import { reachable, type HostNetwork } from "../../../../src/adapters/local/host-addresses.ts";

function address(family: "IPv4" | "IPv6", text: string, internal = false): never {
  return { family, address: text, internal } as never;
}

const interfaces: HostNetwork["interfaces"] = {
  lo: [address("IPv4", "127.0.0.1", true), address("IPv6", "::1", true)],
  docker0: [address("IPv4", "172.17.0.1")],
  ens6: [address("IPv4", "10.0.1.7"), address("IPv6", "fe80::7"), address("IPv6", "2001:db8::7")],
  ens5: [address("IPv4", "10.0.0.5"), address("IPv4", "169.254.3.4"), address("IPv6", "fd00::5")],
};

const heading = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
const zeros = "0".repeat(32);

test("the interface with the default route of the lowest metric comes first", () => {
  const routes = `${heading}ens6\t00000000\t0101000A\t0003\t0\t0\t200\t00000000\t0\t0\t0
ens5\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0
docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
`;
  expect(reachable({ interfaces, routes, routes6: "" })).toEqual({
    ipv4: ["10.0.0.5", "10.0.1.7", "172.17.0.1"],
    ipv6: ["fd00::5", "2001:db8::7"],
  });
});

test("without IPv4 the default route of IPv6 counts, and the kernel's own entry does not", () => {
  const routes6 = `${zeros} 00 ${zeros} 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003     ens6
${zeros} 00 ${zeros} 00 ${zeros} ffffffff 00000001 00000000 00200200       lo
`;
  expect(reachable({ interfaces, routes: heading, routes6 }).ipv6).toEqual(["2001:db8::7", "fd00::5"]);
});

test("loopback and link-local addresses reach nobody", () => {
  const { lo } = interfaces;
  expect(reachable({ interfaces: { lo, ens5: [address("IPv6", "FE80::1")] }, routes: "", routes6: "" })).toEqual({
    ipv4: [],
    ipv6: [],
  });
});
