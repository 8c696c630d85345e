import { redact } from "./redact.ts";
import { blockBegin } from "./secret-forms.ts";

const keyBegins = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/;
const keyEnds = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/;
/** A line of base64, behind a diff mark or an indent, or a header within a key. */
const lineOfKey = /^[\s+|>-]{0,40}(?:[A-Za-z0-9+/=]{4,128}\s*|(?:Proc-Type|DEK-Info|Comment|Version):.*|\s*)$/;

/**
 * Redacts line by line secrets that span several lines: a private key, a block of YAML. One instance for each text; it
 * only remembers that it is inside a secret.
 */
export function createLineRedactor(): (line: string) => string {
  let inKey = false;
  let blockIndent: number | undefined;

  return (line) => {
    if (inKey) {
      inKey = lineOfKey.test(line);
      if (inKey || keyEnds.test(line)) return "[masked private-key]";
    }
    if (blockIndent !== undefined) {
      const indent = line.length - line.trimStart().length;
      if (line.trim() === "" || indent > blockIndent) return line.trim() === "" ? line : "[masked block]";
      blockIndent = undefined;
    }
    inKey = keyBegins.test(line) && !keyEnds.test(line);
    const block = blockBegin.exec(line);
    if (block !== null) blockIndent = block.groups?.["indent"]?.length ?? 0;
    return redact(line);
  };
}
