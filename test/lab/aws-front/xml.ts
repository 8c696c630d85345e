// Reads the XML that AWS clients and moto send: elements and text; attributes are skipped.

export interface XmlElement {
  readonly name: string;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

export function parseXml(source: string): XmlElement {
  const stack: { name: string; children: XmlElement[]; text: string }[] = [{ name: "", children: [], text: "" }];
  for (const [, closing, name = "", selfClosing, text] of source
    .replaceAll(/<[?!][^>]*>/g, "")
    .matchAll(/<(\/?)([\w:.-]+)[^>]*?(\/?)>|([^<]+)/g)) {
    const open = stack.at(-1);
    if (open === undefined) throw new Error("XML that closes more than it opens");
    if (text !== undefined) open.text += unescape(text);
    else if (closing !== "/") {
      const element = { name, children: [], text: "" };
      open.children.push(element);
      if (selfClosing !== "/") stack.push(element);
    } else if (open.name === name) stack.pop();
    else throw new Error(`XML that closes ${name} in ${open.name}`);
  }
  const [root] = stack[0]?.children ?? [];
  if (stack.length !== 1 || root === undefined) throw new Error("XML that ends early");
  return root;
}

/** The first element at the path, as `ChangeInfo/Id`. */
export function find(from: XmlElement, path: string): XmlElement | undefined {
  return path
    .split("/")
    .reduce<XmlElement | undefined>((at, name) => at?.children.find((child) => child.name === name), from);
}

export function findAll(from: XmlElement, path: string): readonly XmlElement[] {
  return path
    .split("/")
    .reduce<readonly XmlElement[]>(
      (all, name) => all.flatMap(({ children }) => children.filter((child) => child.name === name)),
      [from],
    );
}

export function textAt(from: XmlElement, path: string): string | undefined {
  return find(from, path)?.text;
}

function unescape(text: string): string {
  return text.replaceAll(
    /&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi,
    (_, hex?: string, decimal?: string, name: string = "") => {
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      return entities[name] ?? `&${name};`;
    },
  );
}
