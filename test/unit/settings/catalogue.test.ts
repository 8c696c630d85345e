import { expect, test } from "vitest";
import { readCatalogue } from "../../../src/settings/catalogue.ts";
import { complaints } from "./complaints.ts";

function roleOf(body: string) {
  return readCatalogue(`version: 1\nroles:\n  web:\n${indented(body)}`, "muster.yaml").catalogue.roles["web"];
}

function complaintsOf(body: string): readonly string[] {
  return complaints(() => roleOf(body)).map((line) => line.replace("muster.yaml:", "").replaceAll("roles.web.", ""));
}

function indented(body: string): string {
  return body.replaceAll(/^/gm, "    ");
}

const pacing = { intervalMs: 2000, timeoutMs: 5000, rise: 1, fall: 3 };

const watching = { deadlineMs: 600_000, everyMs: 10_000, fall: 3, rise: 3 };
const registering = { deadlineMs: 300_000, drainMs: 30_000 };

test("the example of the design is a catalogue as it stands", () => {
  const text = `version: 1
roles:
  web:
    patch: { scope: security, reboot: when-required }
    converge:
      - puppet: { manifest: manifests/site.pp, modules: [site, modules], hiera: hiera.yaml }
    health:
      system:  [{ disk: { path: /, free: 10% } }]
      service: [{ unit: nginx.service }, { tcp: 80 }]
      smoke:   [{ http: { url: "http://127.0.0.1/", status: 200, contains: welcome } }]
    register:
      - { targetGroup: "web-{environment}", port: 80 }
    dns:
      - { zone: example.internal, name: "{role}-{instance.id}", type: A, ttl: 30 }
    schedule: { converge: "*/30 * * * *" }
`;
  expect(readCatalogue(text, "muster.yaml").catalogue).toEqual({
    version: 1,
    roles: {
      web: {
        name: "web",
        patch: { scope: "security", exclude: [], reboot: "when-required", timeoutMs: 1_800_000 },
        converge: [
          {
            engine: "puppet",
            manifest: "manifests/site.pp",
            modules: ["site", "modules"],
            hiera: "hiera.yaml",
            environment: "production",
            timeoutMs: 1_800_000,
          },
        ],
        health: {
          system: [{ name: "disk /", target: { kind: "disk", path: "/", free: { percent: 10 } }, pacing }],
          service: [
            { name: "unit nginx.service", target: { kind: "unit", unit: "nginx.service" }, pacing },
            { name: "tcp 80", target: { kind: "tcp", host: "127.0.0.1", port: 80 }, pacing },
          ],
          smoke: [
            {
              name: "http http://127.0.0.1/",
              target: {
                kind: "http",
                url: "http://127.0.0.1/",
                method: "GET",
                headers: {},
                status: 200,
                contains: "welcome",
              },
              pacing,
            },
          ],
          ...watching,
        },
        register: [{ targetGroup: "web-{environment}", port: 80, ...registering }],
        dns: [{ zone: "example.internal", name: "{role}-{instance.id}", type: "A", ttl: 30 }],
        leave: { limitMs: 300_000, beforeStop: [], rebalance: "cordon", cordonMs: 21_600_000, maintenance: "drain" },
        schedule: { converge: "*/30 * * * *", splayMs: 60_000 },
      },
    },
  });
});

test("an empty role has every default", () => {
  expect(roleOf("{}")).toEqual({
    name: "web",
    patch: { scope: "security", exclude: [], reboot: "when-required", timeoutMs: 1_800_000 },
    converge: [],
    health: { system: [], service: [], smoke: [], ...watching },
    register: [],
    dns: [],
    leave: { limitMs: 300_000, beforeStop: [], rebalance: "cordon", cordonMs: 21_600_000, maintenance: "drain" },
    schedule: { splayMs: 60_000 },
  });
});

test.each([
  [
    "{ tcp: { host: db.example.internal, port: 5432 } }",
    "tcp db.example.internal:5432",
    { kind: "tcp", host: "db.example.internal", port: 5432 },
  ],
  [
    "{ command: pgrep nginx | wc -l }",
    "command pgrep nginx | wc -l",
    { kind: "command", run: { shell: "pgrep nginx | wc -l" }, exit: 0 },
  ],
  [
    "{ command: [/bin/true, -x] }",
    "command /bin/true -x",
    { kind: "command", run: { argv: ["/bin/true", "-x"] }, exit: 0 },
  ],
  [
    "{ command: { run: [id], exit: 1, contains: root } }",
    "command id",
    { kind: "command", run: { argv: ["id"] }, exit: 1, contains: "root" },
  ],
  ["{ process: nginx }", "process nginx", { kind: "process", name: "nginx", min: 1 }],
  ["{ process: { name: cron, min: 0, max: 0 } }", "process cron", { kind: "process", name: "cron", min: 0, max: 0 }],
  ["{ memory: { available: 512M } }", "memory", { kind: "memory", available: { bytes: 512 * 1024 * 1024 } }],
  ["{ mount: /srv }", "mount /srv", { kind: "mount", path: "/srv" }],
  ["{ mount: { path: /srv, type: ext4 } }", "mount /srv", { kind: "mount", path: "/srv", type: "ext4" }],
  ["{ file: /etc/hosts }", "file /etc/hosts", { kind: "file", path: "/etc/hosts" }],
  [
    '{ file: { path: /etc/shadow, mode: "640", owner: root } }',
    "file /etc/shadow",
    { kind: "file", path: "/etc/shadow", mode: "0640", owner: "root" },
  ],
])("the check %s", (text, name, target) => {
  expect(roleOf(`health: { system: [${text}] }`)?.health.system).toEqual([{ name, target, pacing }]);
});

test("a check has a name and a pace of its own", () => {
  const [check] =
    roleOf("health: { smoke: [{ tcp: 80, name: door, interval: 500ms, timeout: 1m, rise: 2, fall: 1 }] }")?.health
      .smoke ?? [];
  expect(check).toMatchObject({ name: "door", pacing: { intervalMs: 500, timeoutMs: 60_000, rise: 2, fall: 1 } });
});

test("typical mistakes in converge, patch and schedule", () => {
  const body = `patch: { scope: secuirty }
converge:
  - puppet: { manifest: ../site.pp, modules: [/etc/puppet], hiera: a/../../b }
  - chef: {}
schedule: { converge: "61 * * * *" }`;
  expect(complaintsOf(body)).toEqual([
    '4:21: patch.scope: expected security, all or none, found "secuirty"; did you mean "security"?',
    '6:29: converge[0].puppet.manifest: expected a path inside the config repo, relative to its root, found "../site.pp"',
    '6:51: converge[0].puppet.modules[0]: expected a path inside the config repo, relative to its root, found "/etc/puppet"',
    '6:72: converge[0].puppet.hiera: expected a path inside the config repo, relative to its root, found "a/../../b"',
    "7:9: converge[1].puppet: missing, expected a map of manifest, modules, hiera, environment, timeout",
    '7:9: converge[1]: unknown key "chef", expected puppet',
    '8:27: schedule.converge: expected five cron fields, such as "*/30 * * * *", found "61 * * * *"',
  ]);
});

test("typical mistakes in checks", () => {
  const body = `health:
  system:
    - disk: { path: var, free: 10 }
    - file: { path: /x, mode: 0644 }
    - { tcp: 80, unit: nginx.service }
    - { intervall: 3s, tcp: 81 }
  service:
    - unit: nginx
    - unit: muster-ready.target
    - tcp: { prot: 80 }
    - command: { run: [a, 1] }
    - process: { name: a, min: 3, max: 2 }
    - htpp: { url: http://127.0.0.1/ }
  smoke:
    - http: { url: "http://u:p@127.0.0.1/", status: "200", headers: { Authorization: 5 } }
    - http: { method: HEAD, url: http://127.0.0.1/, contains: x }
    - tcp: 0
  deadline: 5 minutes`;
  const kinds = "http, tcp, unit, command, process, disk, memory, mount or file";
  expect(complaintsOf(body)).toEqual([
    '6:25: health.system[0].disk.path: expected an absolute path, found "var"',
    "6:36: health.system[0].disk.free: expected an amount such as 10%, 512M or 2GiB, found the number 10; give it a unit",
    '7:35: health.system[1].file.mode: expected octal digits in quotes, such as "0644", found the number 0644; put it in quotes',
    `8:11: health.system[2]: expected exactly one of ${kinds}, found a map`,
    `9:13: health.system[3]: unknown key "intervall", expected ${kinds.replace(" or ", ", ")}, name, interval, timeout, rise, fall; did you mean "interval"?`,
    '11:17: health.service[0].unit: expected a systemd unit with its suffix, such as nginx.service, found "nginx"',
    '12:17: health.service[1].unit: expected a unit that serves the role (muster\'s own start after health has passed), found "muster-ready.target"',
    "13:16: health.service[2].tcp.port: missing, expected a port from 1 to 65535",
    '13:18: health.service[2].tcp: unknown key "prot", expected host, port; did you mean "port"?',
    "14:31: health.service[3].command.run[1]: expected text, found the number 1; put it in quotes",
    "15:44: health.service[4].process.max: expected no less than min, found the number 2",
    `16:11: health.service[5]: unknown key "htpp", expected ${kinds.replace(" or ", ", ")}, name, interval, timeout, rise, fall; did you mean "http"?`,
    `16:11: health.service[5]: expected exactly one of ${kinds}, found a map`,
    '18:24: health.smoke[0].http.url: expected an http:// or https:// URL without user and password, found "http://…@127.0.0.1/"',
    '18:57: health.smoke[0].http.status: expected a status from 100 to 599, found "200"; take the quotes away',
    "18:90: health.smoke[0].http.headers.Authorization: expected text, found something else; put it in quotes",
    '19:67: health.smoke[1].http.contains: expected no contains, because the answer to HEAD has no body, found "x"',
    "20:16: health.smoke[2].tcp: expected a port from 1 to 65535, found the number 0",
    '21:17: health.deadline: expected a duration from 1s to 24h, such as 90s, 5m or 1h30m, found "5 minutes"',
  ]);
});

test("typical mistakes in register and dns", () => {
  const body = `register:
  - { targetGroup: "web-{enviroment}", port: 80 }
  - { targetGroup: "web{", port: 70000 }
dns:
  - { zone: example.internal., name: "{role}", type: A, ttl: 0 }
  - { zone: example.internal, name: "{role", type: MX }
  - { zone: example.internal, name: a, type: CNAME }
  - { zone: example.internal, name: "@", type: CNAME, value: b }
  - { zone: example.internal, name: c, type: A, value: 300.1.1.1 }
  - { zone: example.internal, name: d, type: TXT }`;
  const variables =
    "role, environment, instance.id, instance.zone, instance.region, instance.account, instance.hostname, instance.publicIpv4 and tag.KEY";
  expect(complaintsOf(body)).toEqual([
    `5:24: register[0].targetGroup: expected a variable out of ${variables}, found "enviroment"; did you mean "environment"?`,
    '6:24: register[1].targetGroup: expected the name of a target group, its ARN, or tag:KEY=VALUE, found "web{"',
    "6:38: register[1].port: expected a port from 1 to 65535, found the number 70000",
    '8:17: dns[0].zone: expected the name of a zone, without a trailing dot, found "example.internal."',
    "8:66: dns[0].ttl: expected a number of seconds from 1 to 604800, found the number 0",
    '9:41: dns[1].name: expected a name relative to the zone, without a trailing dot, or @, found "{role"',
    '9:56: dns[1].type: expected A, AAAA, CNAME or TXT, found "MX"',
    "10:9: dns[2].value: missing, expected a value, which CNAME needs",
    '11:52: dns[3].type: expected A, AAAA or TXT for @, because a zone cannot be an alias, found "CNAME"',
    '12:60: dns[4].value: expected an IPv4 address, found "300.1.1.1"',
    "13:9: dns[5].value: missing, expected a value, which TXT needs",
  ]);
});

test("entries that do not fit beside each other are said even where others are wrong by themselves", () => {
  const body = `health:
  service: [{ tcp: 80 }, { tcp: eighty }]
  smoke: [{ tcp: 80 }]
register: [{ targetGroup: web, port: 80 }, { targetGroup: web, port: 81 }, { targetGroup: web, port: 80 }]
dns:
  - { zone: example.internal, name: a, type: A }
  - { zone: example.internal, name: A, type: CNAME, value: b.example.internal }
  - { zone: example.internal, name: a, type: A }`;
  expect(complaintsOf(body)).toEqual([
    '5:37: health.service[1].tcp: expected a port from 1 to 65535, or a map of host, port, found "eighty"',
    '6:15: health.smoke[0]: expected a check name that is used once (health.service[0] has it too; set name), found "tcp 80"',
    "7:80: register[2]: expected every target group and port, and every Classic Load Balancer, once (register[0] has it too), found web 80",
    "10:9: dns[1]: expected a CNAME alone under its name, found another record of a.example.internal beside it",
    "11:9: dns[2]: expected every record once (dns[0] is the same), found a.example.internal A",
  ]);
});

test.each([
  ["version: 2\nroles: { web: {} }\n", "1:10: version: expected 1, the version of this format, found the number 2"],
  ["version: 1\nroles: {}\n", "2:8: roles: expected at least one role, found a map"],
  ["version: 1\n", "1:1: roles: missing, expected a map of roles"],
  [
    "version: 1\nroles: { ../web: {} }\n",
    '2:10: roles: expected the name of a role: letters, digits, dots, dashes, underscores as a key, found "../web"',
  ],
  [
    "version: 1\nroles: { web: }\n",
    "2:15: roles.web: expected a map of patch, converge, health, register, dns, slot, leave, schedule, found nothing",
  ],
])("a catalogue as a whole: %j", (text, expected) => {
  expect(complaints(() => readCatalogue(text, "muster.yaml@1a2b3c4"))).toEqual([`muster.yaml@1a2b3c4:${expected}`]);
});
