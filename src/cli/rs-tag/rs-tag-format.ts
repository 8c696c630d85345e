import { jsonText } from "../terminal/text.ts";
/** The output of `rs_tag`: the tags of this instance, or those of others by their ids. */
export type Shown = readonly string[] | Readonly<Record<string, { readonly tags: readonly string[] }>>;

export type RsTagFormat = "json" | "yaml" | "text";

/** In the form for scripts that were written for RightLink; without the last line end. */
export function formatted(shown: Shown, format: RsTagFormat): string {
  switch (format) {
    case "json":
      return jsonText(shown, 2);
    case "yaml":
      return yamlOf(shown);
    case "text":
      return (isList(shown) ? shown : Object.keys(shown)).map(unsteering).join(" ");
  }
}

/** A control character becomes a question mark: a space would make two tags of one. */
function unsteering(tag: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return tag.replaceAll(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, "?");
}

/** The two forms of output, as Ruby writes them. */
function yamlOf(shown: Shown): string {
  if (Object.keys(shown).length === 0) return isList(shown) ? "--- []" : "--- {}";
  if (isList(shown)) return ["---", ...shown.map((tag) => `- ${scalar(tag)}`)].join("\n");
  const entries = Object.entries(shown).flatMap(([id, { tags }]) => [
    `${scalar(id)}:`,
    ...(tags.length === 0 ? ["  tags: []"] : ["  tags:", ...tags.map((tag) => `  - ${scalar(tag)}`)]),
  ]);
  return ["---", ...entries].join("\n");
}

/** Plain if it can only be read as that text; else as JSON, which is YAML too. */
function scalar(text: string): string {
  const isPlain = /^[A-Za-z_][\w./=+@-]*(?::[\w./=+@-]+)*$/.test(text);
  const isWord = /^(?:true|false|yes|no|on|off|null|y|n)$/i.test(text);
  return isPlain && !isWord ? text : jsonText(text);
}

function isList(shown: Shown): shown is readonly string[] {
  return Array.isArray(shown);
}
