import { expect, it } from "vitest";
import { pinsOf } from "../../../../src/adapters/apt/exclude.ts";
import { parseServices } from "../../../../src/adapters/apt/services.ts";

it("pins what a role excludes below every candidate, in all architectures", () => {
  expect(pinsOf(["linux-image-*", "nginx"])).toBe(
    [
      "Package: linux-image-*:any\nPin: release *\nPin-Priority: -1\n",
      "Package: nginx:any\nPin: release *\nPin-Priority: -1\n",
    ].join("\n"),
  );
});

it("reads the services that run old code, and nothing else that needrestart tells", () => {
  const output = [
    "NEEDRESTART-VER: 3.6",
    "NEEDRESTART-KCUR: 6.1.0-38-cloud-amd64",
    "NEEDRESTART-KEXP: 6.1.0-40-cloud-amd64",
    "NEEDRESTART-KSTA: 3",
    "NEEDRESTART-SVC: nginx.service",
    "NEEDRESTART-SVC: systemd-logind.service",
    "NEEDRESTART-SVC: nginx.service",
    "NEEDRESTART-SESS: root @ user manager service",
    "",
  ].join("\n");
  expect(parseServices(output)).toEqual(["nginx.service", "systemd-logind.service"]);
  expect(parseServices("")).toEqual([]);
});
