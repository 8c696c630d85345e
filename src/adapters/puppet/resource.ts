/**
 * The resource of a message, from its source: `Service[nginx]` of `/Stage[main]/Nginx/Service[nginx]/ensure`. A title
 * may hold slashes and brackets.
 * @returns undefined for a source without a resource, as `Puppet`
 */
export function resourceIn(source: string): string | undefined {
  const path = source.replace(/\/[a-z_0-9]+$/, "");
  if (!path.endsWith("]")) return undefined;
  const starts = [...path.matchAll(/(?:^|\/)(?=[A-Z][A-Za-z0-9_:]*\[)/g)];
  const last = starts.at(-1);
  return last === undefined ? undefined : path.slice(last.index).replace(/^\//, "");
}
