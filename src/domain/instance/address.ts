/** IP addresses as people write them. Pure; `undefined` when the text is no such address. */

/** `10.0.0.5` as it is: four decimal numbers, no leading zeros. */
export function parseIpv4(text: string): string | undefined {
  const octet = /^(0|[1-9]\d{0,2})$/;
  const octets = text.split(".");
  const valid = octets.length === 4 && octets.every((part) => octet.test(part) && Number(part) <= 255);
  return valid ? text : undefined;
}

/** An IPv6 address in its one short, lower-case form, so that two spellings compare equal. No zone index. */
export function parseIpv6(text: string): string | undefined {
  if (!/^[0-9A-Fa-f:.]{2,45}$/.test(text) || !text.includes(":")) return undefined;
  const url = `http://[${text}]/`;
  return URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : undefined;
}
