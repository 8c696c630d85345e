/**
 * How long the service asks to wait before the next call, in milliseconds; undefined without such a header. Reads the
 * same headers as the SDK: `Retry-After` as seconds or as a date (RFC 9110 section 10.2.3), and `x-amz-retry-after` in
 * milliseconds.
 * @param error as the SDK throws it: it holds the response in the hidden field `$response`
 * @param nowMs the time that a date is compared with
 */
export function retryAfterOf(error: unknown, nowMs: number): number | undefined {
  const headers = headersOf(error);
  const milliseconds = Number(headers.get("x-amz-retry-after") ?? Number.NaN);
  if (milliseconds > 0) return milliseconds;
  const text = headers.get("retry-after");
  if (text === undefined) return undefined;
  const waitMs = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return waitMs > 0 ? waitMs : undefined;
}

function headersOf(error: unknown): ReadonlyMap<string, string> {
  const response = fieldOf(error, "$response");
  const headers = fieldOf(response, "headers");
  if (typeof headers !== "object" || headers === null) return new Map();
  return new Map(
    Object.entries(headers).flatMap(([name, value]: [string, unknown]) =>
      typeof value === "string" ? [[name.toLowerCase(), value] as const] : [],
    ),
  );
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  const found: unknown = Reflect.get(value, name);
  return found;
}
