import { expect, test } from "vitest";
import { readCatalogue } from "../../../src/settings/catalogue.ts";
import { complaints } from "./complaints.ts";

test("a target group is named, or found by its ARN or a tag; names can be shared by routing", () => {
  const arn = "arn:aws:elasticloadbalancing:{instance.region}:{instance.account}:targetgroup/web/73e2d6bc24d8a067";
  const { roles } = readCatalogue(
    `version: 1
roles:
  web:
    register:
      - { targetGroup: "${arn}", port: 80 }
      - { targetGroup: "tag:service=web-{environment}", port: 81 }
      - { targetGroup: { tag: { key: "ops:service", value: "web-{environment}" } }, port: 82 }
      - { classicLoadBalancer: "web-{environment}" }
      - { classicLoadBalancer: api, port: 81, minimumHealthy: 50% }
    dns:
      - { zone: example.com, name: web, type: A, value: "{instance.publicIpv4}", routing: multivalue, healthCheck: "{tag.check}" }
      - { zone: example.com, name: api, type: CNAME, value: "{instance.hostname}", routing: weighted, weight: 0 }
`,
    "muster.yaml",
  ).catalogue;
  expect(roles["web"]?.register).toMatchObject([
    { targetGroup: arn },
    { targetGroup: "tag:service=web-{environment}" },
    { targetGroup: "tag:ops:service=web-{environment}" },
    { classicLoadBalancer: "web-{environment}", port: 80 },
    { classicLoadBalancer: "api", port: 81, minimumHealthy: { percent: 50 } },
  ]);
  expect(roles["web"]?.dns).toMatchObject([
    { routing: "multivalue", healthCheck: "{tag.check}" },
    { routing: "weighted", weight: 0 },
  ]);
});

test("a zone is named, and its id may stand beside the name; an id alone is refused with the remedy", () => {
  const { roles } = readCatalogue(
    `version: 1
roles:
  web:
    dns:
      - { zone: example.com, visibility: public, name: www, type: A, routing: multivalue }
      - { zone: example.com, zoneId: Z0123456789ABCDEFGHIJ, name: www, type: A, routing: multivalue }
      - { zone: example.com, zoneId: "{tag.zone}", name: www, type: A, routing: multivalue }
`,
    "muster.yaml",
  ).catalogue;
  expect(roles["web"]?.dns).toMatchObject([{}, { zoneId: "Z0123456789ABCDEFGHIJ" }, { zoneId: "{tag.zone}" }]);
  const role = "arn:aws:iam::444455556666:role/dns-writer";
  expect(
    readCatalogue(
      `version: 1\nroles:\n  web:\n    slot: { zone: a.b, name: web, assumeRole: "${role}", externalId: muster-42 }\n`,
      "muster.yaml",
    ).catalogue.roles["web"]?.slot,
  ).toMatchObject({ assumeRole: role, externalId: "muster-42" });
  expect(
    complaintsOf(`dns:
  - { zone: a.b, name: x, type: A, externalId: muster-42 }
  - { zone: a.b, name: y, type: A, assumeRole: dns-writer }`),
  ).toEqual([
    '5:52: dns[0].externalId: expected assumeRole beside it, found "muster-42"',
    '6:52: dns[1].assumeRole: expected the ARN of a role, arn:aws:iam::ACCOUNT:role/NAME, found "dns-writer"',
  ]);
  const name = "the name of a zone, without a trailing dot; its id stands beside it as zoneId";
  expect(
    complaintsOf(`dns:
  - { zone: Z0123456789ABCDEFGHIJ, name: www, type: A }
  - { zone: example.com, zoneId: /hostedzone/Z1, name: web, type: A }
  - { zone: example.com, zoneId: Z1, name: api, type: A, routing: multivalue }
  - { zone: example.com, zoneId: Z1, name: api, type: A, routing: multivalue, value: 10.0.0.1 }`),
  ).toEqual([
    `5:17: dns[0].zone: expected ${name}, found "Z0123456789ABCDEFGHIJ"`,
    '6:38: dns[1].zoneId: expected the id of a Route 53 zone, without /hostedzone/, found "/hostedzone/Z1"',
    "8:9: dns[3]: expected a name and type with routing once (dns[2] has them too), found api.example.com (Z1) A",
  ]);
});

test("typical mistakes with target groups and routing", () => {
  const body = `register:
  - { targetGroup: "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/web/1", port: 80 }
  - { targetGroup: "tag:service", port: 80 }
  - { targetGroup: { tag: { key: "a=b", value: x } }, port: 80 }
  - { targetGroup: web, classicLoadBalancer: web, port: 80 }
  - { port: 80 }
  - { targetGroup: web }
  - { classicLoadBalancer: web.example, port: 80, minimumHealthy: half }
dns:
  - { zone: example.com, name: a, type: A, weight: 10 }
  - { zone: example.com, name: b, type: A, routing: weighted, weight: 256 }
  - { zone: example.com, name: c, type: CNAME, value: d.example.com, routing: multivalue }
  - { zone: example.com, name: e, type: A, routing: multivalue }
  - { zone: example.com, name: e, type: A, value: 10.0.0.1 }
  - { zone: example.com, name: f, type: A, healthCheck: 6a1b }`;
  const forms = "the name of a target group, its ARN, or tag:KEY=VALUE";
  expect(complaintsOf(body)).toEqual([
    `5:24: register[0].targetGroup: expected ${forms}, found "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/web/1"`,
    `6:24: register[1].targetGroup: expected ${forms}, found "tag:service"`,
    "7:38: register[2].targetGroup.tag.key: expected a key of letters, digits and ._:/+@-, found something else",
    "8:9: register[3]: expected either targetGroup or classicLoadBalancer, found a map",
    "9:9: register[4]: expected either targetGroup or classicLoadBalancer, found a map",
    "10:9: register[5].port: missing, expected the port that serves, which a target group needs",
    '11:32: register[6].classicLoadBalancer: expected the name of a Classic Load Balancer, found "web.example"',
    '11:71: register[6].minimumHealthy: expected a number such as 2, or a percentage such as 50%, found "half"',
    "13:56: dns[0].weight: expected routing: weighted beside it, found the number 10",
    "14:75: dns[1].weight: expected a number from 0 to 255, found the number 256",
    '15:83: dns[2].routing: expected weighted for a CNAME, which has one value, found "multivalue"',
    "17:9: dns[4]: expected a name and type with routing once (dns[3] has them too), found e.example.com A",
    '18:61: dns[5].healthCheck: expected routing beside it, found "6a1b"',
  ]);
});

function complaintsOf(body: string): readonly string[] {
  const indented = body.replaceAll(/^/gm, "    ");
  const said = complaints(() => readCatalogue(`version: 1\nroles:\n  web:\n${indented}`, "muster.yaml"));
  return said.map((line) => line.replace("muster.yaml:", "").replaceAll("roles.web.", ""));
}
