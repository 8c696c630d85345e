// What every part of the front works with: a parsed AWS request, an answer, and a handler that may stand between them.

/** One request as a client signed it, with what the front read out of it. */
export interface AwsRequest {
  /** The service of the credential scope: `ec2`, `elasticloadbalancing`, `route53`, `autoscaling`, `sts`, `ssm`… */
  readonly service: string;
  /** As in an IAM policy: `DescribeTags`, `ChangeResourceRecordSets`; `METHOD PATH` where it is not known. */
  readonly action: string;
  /** The form of the query protocols, or the query string of a REST service. */
  readonly params: URLSearchParams;
  readonly region: string;
  readonly accessKeyId: string;
  /** Of the client: tells instances apart. */
  readonly sourceAddress: string;
  readonly method: string;
  /** With the query string. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends the request on, as it came, or `instead` (its signature then no longer fits, which moto minds under IAM only). */
export type Forward = (instead?: Partial<Pick<AwsRequest, "method" | "url" | "body">>) => Promise<Answer>;

/**
 * One behaviour that moto lacks or is too kind about. The front asks its handlers in the order of its list; the
 * first that matches has the request, and `forward` passes it to the rest of the list and at last to moto.
 */
export interface Handler {
  /** For error messages. */
  readonly name: string;
  match(request: AwsRequest): boolean;
  handle(request: AwsRequest, forward: Forward): Promise<Answer>;
  /** Forgets everything; between tests. */
  reset?(): void;
  /** Ends what it started; when the front stops. */
  close?(): Promise<void>;
}

/** A handler of some actions of one service. */
export function forActions(
  name: string,
  service: string,
  actions: readonly string[],
  handle: Handler["handle"],
): Handler {
  return {
    name,
    match: (request) => request.service === service && actions.includes(request.action),
    handle,
  };
}

/** The items of a list parameter: `list(params, "Targets.member")` reads `Targets.member.1`, `.2`…, in order. */
export function list(params: URLSearchParams, prefix: string): string[] {
  return indexes(params, prefix).flatMap((index) => params.get(`${prefix}.${index}`) ?? []);
}

/** The structures of a list parameter: `{ Id: "i-1", Port: "80" }` of `Targets.member.1.Id`, `Targets.member.1.Port`. */
export function structures(params: URLSearchParams, prefix: string): Record<string, string>[] {
  return indexes(params, prefix).map((index) => {
    const start = `${prefix}.${index}.`;
    const fields = [...params].filter(([name]) => name.startsWith(start));
    return Object.fromEntries(fields.map(([name, value]) => [name.slice(start.length), value]));
  });
}

function indexes(params: URLSearchParams, prefix: string): number[] {
  const found = [...params.keys()].flatMap((name) => {
    const index = name.startsWith(`${prefix}.`) ? Number(name.slice(prefix.length + 1).split(".")[0]) : Number.NaN;
    return Number.isInteger(index) ? [index] : [];
  });
  return [...new Set(found)].toSorted((one, other) => one - other);
}
