import type { Pages } from "./page.ts";

const ask = "dig +norecurse @DNS_SERVER NAME TYPE";
const listed =
  "aws route53 list-resource-record-sets --hosted-zone-id ZONE_ID --query \"ResourceRecordSets[?Name=='NAME.' || (starts_with(Name,'_muster') && ends_with(Name,'.NAME.'))]\"";
const claims = "dig +norecurse @DNS_SERVER _muster.NAME TXT";

/** Names: RFC 2136 on `local`, Route 53 on `aws`. */
export const dnsPages = {
  "dns-missing": {
    happened:
      "The role publishes records, and the settings name no DNS server; or records may still stand on one that they no longer name.",
    causes: [
      "`local.dns` is not in the settings, or was taken out of them.",
      "A role meant for `aws` runs on `local`.",
    ],
    todo: [
      "Name the server and its key under `local.dns`, or take `dns` out of the role.",
      ["Check and start the daemon anew.", "muster check", "systemctl restart muster"],
    ],
  },
  "dns-refused": {
    happened:
      "The DNS server refused a signed update. The message says which part: the key, its secret, the time, or the right to change this zone.",
    again: "membership",
    causes: [
      "BADKEY, BADSIG: the key file here is not the one on the server.",
      "BADTIME: the clocks differ by more than five minutes.",
      "REFUSED: `allow-update` or `update-policy` of the zone does not grant it.",
    ],
    todo: [
      [
        "Compare clock, name and algorithm of the key on both sides; this leaves its secret out.",
        "timedatectl",
        "grep -E 'key|algorithm' KEY_FILE",
      ],
      ["On the server, look why.", "journalctl -u named"],
      "For BIND: `update-policy { grant KEY_NAME zonesub ANY; };` in the zone.",
    ],
  },
  "dns-key-unreadable": {
    happened: "The TSIG key that `local.dns.key` names cannot be read, or holds no key.",
    causes: ["The file is missing on this instance.", "It is in another format than `tsig-keygen` writes."],
    todo: [
      ["Look at it (not at what is in it).", "ls -l KEY_FILE", "grep -c secret KEY_FILE"],
      "Put the server's key file there, readable by root alone, or make one with `tsig-keygen NAME` and give it to both.",
    ],
  },
  "dns-tool-missing": {
    happened: "`dig` or `nsupdate` is not installed; muster speaks to the DNS server through them.",
    causes: ["The image was built without them."],
    todo: [
      ["With apt: install them here and in the image.", "apt-get install bind9-dnsutils"],
      ["With dnf: the same.", "dnf install bind-utils"],
    ],
  },
  "dns-update-failed": {
    happened:
      "An update of the zone failed for a reason that muster does not know. The last line that nsupdate printed is in the message.",
    causes: ["The server is set up in a way that muster has not met.", "A record that the server minds."],
    todo: [
      ["Look at the server's log of that minute.", "journalctl -u named"],
      ["Make the run again.", "muster run"],
    ],
  },
  "dns-zone-missing": {
    happened:
      "Nobody here serves this zone: Route 53 has none of that name in the instance's account, or the DNS server is not its primary.",
    causes: [
      "`zone` in the catalogue is misspelt, or made from a tag that is wrong.",
      "On AWS: the zone is in another account, or is private where `visibility: public` was asked for, or `zoneId` is the id of a zone that was deleted.",
      "On `local`: `local.dns.server` is a secondary or a resolver, or refuses to answer this instance.",
    ],
    todo: [
      ["On AWS:", "aws route53 list-hosted-zones-by-name --dns-name ZONE"],
      ["On `local`: the first name in the answer is the primary.", "dig +norecurse @DNS_SERVER ZONE SOA"],
      "Create the zone, or correct `dns` in the catalogue or `local.dns` in the settings.",
    ],
  },
  "dns-zone-ambiguous": {
    happened: "Route 53 has more than one zone of this name in the account. muster does not guess.",
    causes: [
      "A public and a private zone have the same name (split horizon).",
      "Several networks (VPCs) have a private zone of that name each, or a second public one is to replace the first.",
      "A zone was created twice.",
    ],
    todo: [
      ["See them with their ids.", "aws route53 list-hosted-zones-by-name --dns-name ZONE"],
      "Write the id beside the name: `{ zone: example.internal, zoneId: Z0123456789ABCDEFGHIJ, … }`, under `dns` and `slot` in the catalogue and under `dns.zones` in the settings.",
      "Where one is public and one private, `visibility: public` or `private` does as well.",
    ],
  },
  "dns-name-reserved": {
    happened:
      "A name has a part that begins with `_muster`. Muster's own records have such names: they say which instance owns a name, and which may leave service. No catalogue and no tag may make one.",
    causes: [
      "A tag that the name is made from (`{tag.KEY}`) holds such a text. Somebody may try to take the records of others.",
      "The catalogue was written so.",
    ],
    todo: ["Correct the tag or the catalogue. If a tag holds it, find out who may write tags."],
  },
  "dns-name-owned": {
    happened:
      "Something under this name belongs to somebody else: another instance, a person, or a record without muster's claim beside it. It was not touched.",
    again: "membership",
    causes: [
      "The name does not tell instances apart, and the record is one that only one can have (a CNAME).",
      "Somebody made the record by hand or with another tool.",
      "Without `routing`, another owner's record set stands there.",
    ],
    todo: [
      ["See what is there, and whose it is. On `local`:", ask, claims],
      ["On AWS:", listed],
      "If nobody needs it, delete it there by hand; muster then publishes.",
      "Otherwise choose another name in the catalogue: put `{instance.id}` into it, or use `routing: multivalue` on AWS.",
    ],
  },
  "dns-name-full": {
    happened:
      "The record set of this name holds as many values as the DNS server takes; the message says how many. The instance publishes its other records. One with a balancer serves on without this name, and tries it again.",
    causes: [
      "On AWS: 400 instances share the name without `routing`. Route 53 takes 400 values in one set, fewer where they are long texts.",
      "On `local`: BIND takes 100 records of one name and type, unless `max-records-per-type` says more, and an instance has a claim for each of its records at the ownership name. One message of DNS (64 KB) holds some 450 claims.",
      "Records of dead instances were left behind.",
    ],
    todo: [
      ["Look at them.", ask, claims],
      "On `local`: raise `max-records-per-type` of the zone.",
      "Spread the instances over several names: put `{instance.zone}` or `{instance.id}` into the name, or split the role.",
      "`routing` gives each instance a record set of its own, and of those Route 53 takes only 100 for a name and type.",
    ],
  },
  "dns-name-invalid": {
    happened: "A name that the catalogue makes for this instance is no valid DNS name.",
    causes: [
      "A tag's value with a dot, an underscore or an empty part stands in it.",
      "It is longer than 245 characters, or one label longer than 63.",
    ],
    todo: ["Correct the tag, or `name` and `zone` in the catalogue's dns rule."],
  },
  "dns-value-invalid": {
    happened: "The value of a record is none that its type can have.",
    causes: ["An A record got an IPv6 address or a name; a CNAME or TXT got no value."],
    todo: ["Correct `value` of the dns rule. A and AAAA need none: they take the instance's own address."],
  },
  "dns-policy-mixed": {
    happened:
      "The name has record sets with another routing policy than the catalogue now asks for. Route 53 takes one policy a name, so it was not touched.",
    causes: ["`routing` of the rule was changed while other instances still publish under the old one."],
    todo: [
      [
        "See what is under the name.",
        "aws route53 list-resource-record-sets --hosted-zone-id ZONE_ID --query \"ResourceRecordSets[?Name=='NAME.']\"",
      ],
      "Give the new policy a name of its own, or let the instances with the old one leave first (`muster drain`).",
    ],
  },
  "dns-record-refused": {
    happened:
      "Route 53 refuses this record for what is in it; its reason is in the message. The other records were written.",
    causes: [
      "A CNAME at the top of the zone, or beside other records.",
      "A TTL, weight or value that Route 53 does not take.",
    ],
    todo: ["Correct the rule under `dns` in the catalogue as the reason says."],
  },
  "dns-contended": {
    happened: "Others changed the same zone each time this instance tried to.",
    again: "membership",
    causes: ["Many instances come up at once under one name.", "Another tool writes there all the time."],
    todo: ["Nothing, if it passes. If it lasts, give the instances names of their own, or find the other writer."],
  },
  "dns-routing-unsupported": {
    happened: "The rule says `routing: weighted`, and a server that takes RFC 2136 updates knows no weights.",
    causes: ["A role meant for `aws` runs on `local`."],
    todo: ["Use `routing: multivalue` or none for roles that also run on `local`; keep weights for roles on `aws`."],
  },
  "dns-name-crowded": {
    happened:
      "A name is at four fifths of what Route 53 takes: 320 of 400 values in one record set that instances share without `routing` (fewer where values are long texts), or 80 of 100 record sets with it. What there is was written, so far; at the limit further instances are refused.",
    causes: ["Many instances publish under one name.", "Records of dead instances were left behind."],
    todo: [["Look at them.", ask], "Spread the instances over several names, or put a balancer in front of them."],
  },
} as const satisfies Pages;
