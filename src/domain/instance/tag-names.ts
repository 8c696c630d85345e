import { matchesPath } from "../text/glob.ts";
import { isDnsName, isOwnDnsName, printable } from "../role/names.ts";
import type { TagName, TagZone } from "../settings/settings.ts";

/**
 * The names in the value of a tag, as `web-7.example.internal, www.example.internal`, and why some are refused. A name
 * belongs to the longest zone that it is in; a public and a private zone of one name may both have it. Pure.
 * @param tag the tag's key
 */
export function namesIn(
  value: string,
  zones: readonly TagZone[],
  tag: string,
): { readonly allowed: readonly TagName[]; readonly objections: readonly string[] } {
  const asked = value.split(/[\s,]+/).flatMap((text) => (text === "" ? [] : [text.toLowerCase().replace(/\.$/, "")]));
  const allowed: TagName[] = [];
  const objections: string[] = [];
  for (const name of new Set(asked)) {
    const found = zonesFor(name, zones);
    if (typeof found === "string") objections.push(`${JSON.stringify(printable(name))} ${found}`);
    else allowed.push(...found.map(({ names: _globs, ...zone }) => ({ ...zone, name, tag })));
  }
  return { allowed, objections };
}

/** Room for the `_muster.` of the ownership record beside every name. */
const longestName = 253 - "_muster.".length;

/** The zones for a name, or why there is none. */
function zonesFor(name: string, zones: readonly TagZone[]): readonly TagZone[] | string {
  if (!isDnsName(name) || name.length > longestName) return "is no DNS name";
  if (isOwnDnsName(name)) return "has a part that begins with _muster, as muster's own records do";
  const around = zones.filter(({ zone }) => name === zone || name.endsWith(`.${zone}`));
  const longest = Math.max(0, ...around.map(({ zone }) => zone.length));
  const nearest = around.filter(({ zone }) => zone.length === longest);
  const fitting = nearest.filter(({ zone, names }) => names.some((glob) => fits(glob, relative(name, zone))));
  if (fitting.length > 0) return fitting;
  return nearest.length === 0
    ? "is in no zone in which the settings let tags name instances (dns.zones)"
    : `is no name that the settings let tags use in ${nearest[0]?.zone} (${nearest.flatMap(({ names }) => names).join(", ")})`;
}

function relative(name: string, zone: string): string {
  return name === zone ? "@" : name.slice(0, -zone.length - 1);
}

/** No wildcard means the zone itself. */
function fits(glob: string, name: string): boolean {
  if (name === "@") return glob === "@";
  return matchesPath(glob.toLowerCase(), name, ".");
}
