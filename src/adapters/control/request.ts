/** A client's request: method and route as one, and the body as text. */
export type Asked = { readonly what: string; readonly body: string };

/** A request line and its headers, in bytes. */
export const maxHead = 8 * 1024;
/** Of a body, in bytes. No valid request is longer. */
export const maxBody = 64 * 1024;

/** The state of the input: incomplete, a whole request, or malformed. */
export type Reading =
  | { readonly kind: "more" }
  | { readonly kind: "whole"; readonly asked: Asked }
  | { readonly kind: "refused"; readonly status: 400 | 411 | 413 | 431 };

/**
 * Reads one request of HTTP/1.1, byte by byte or all at once. It holds no more than the head's limit and the announced
 * body, and reads every byte once.
 */
export type RequestReader = { push(chunk: Buffer): Reading };

type Head = { readonly what: string; readonly length: number };

export function createRequestReader(): RequestReader {
  let head: Head | undefined;
  let held = Buffer.alloc(0);
  let size = 0;

  function hold(chunk: Buffer, most: number): void {
    const taken = Math.min(chunk.length, most - size);
    if (size + taken > held.length) {
      const larger = Buffer.alloc(Math.min(most, Math.max(1024, 2 * (size + taken))));
      held.copy(larger, 0, 0, size);
      held = larger;
    }
    chunk.copy(held, size, 0, taken);
    size += taken;
  }

  function body({ what, length }: Head): Reading {
    if (size < length) return { kind: "more" };
    return { kind: "whole", asked: { what, body: held.toString("utf8", 0, length) } };
  }

  return {
    push(chunk) {
      if (head !== undefined) {
        hold(chunk, head.length);
        return body(head);
      }
      // The end may have begun in the chunk before.
      const from = Math.max(0, size - 3);
      const before = size;
      hold(chunk, maxHead);
      const end = held.subarray(0, size).indexOf("\r\n\r\n", from, "latin1");
      if (end < 0) return size === maxHead ? { kind: "refused", status: 431 } : { kind: "more" };
      const read = parseHead(held.toString("latin1", 0, end));
      if (typeof read === "number") return { kind: "refused", status: read };
      head = read;
      held = Buffer.alloc(0);
      size = 0;
      hold(chunk.subarray(end + 4 - before), head.length);
      return body(head);
    },
  };
}

const requestLine = /^([A-Z]{1,16}) (\/[\x21-\x7e]{0,255}) HTTP\/1\.[01]$/;
const headerLine = /^([!#$%&'*+.^_`|~\w-]{1,128}):([\t\x20-\x7e\x80-\xff]*)$/;

/** @returns the request and the length of its body, or the status of a refusal */
function parseHead(text: string): Head | 400 | 411 | 413 {
  const [first = "", ...lines] = text.split("\r\n");
  const [, method, route] = requestLine.exec(first) ?? [];
  if (method === undefined || route === undefined) return 400;
  let length: number | undefined;
  for (const line of lines) {
    const [, name = "", value = ""] = headerLine.exec(line) ?? [];
    if (name === "") return 400;
    const header = name.toLowerCase();
    // Two statements about the end of a body contradict each other.
    if (header === "transfer-encoding") return 411;
    if (header !== "content-length") continue;
    if (length !== undefined || !/^[ \t]*\d{1,15}[ \t]*$/.test(value)) return 400;
    length = Number(value);
    if (length > maxBody) return 413;
  }
  return { what: `${method} ${route}`, length: length ?? 0 };
}
