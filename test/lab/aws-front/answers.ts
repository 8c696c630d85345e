// Answers in each protocol's own words, as the SDK's deserialisers read them.
// Source: "EC2 Query protocol", "AWS Query protocol", "AWS restXml protocol" (smithy.io/2.0/aws/protocols).
import { randomUUID } from "node:crypto";

import type { Answer, AwsRequest } from "./handler.ts";

export interface Failure {
  status: number;
  code: string;
  message: string;
}

const namespaces: Readonly<Record<string, string>> = {
  autoscaling: "http://autoscaling.amazonaws.com/doc/2011-01-01/",
  elasticloadbalancing: "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
  ec2: "http://ec2.amazonaws.com/doc/2016-11-15/",
  route53: "https://route53.amazonaws.com/doc/2013-04-01/",
  sts: "https://sts.amazonaws.com/doc/2011-06-15/",
};

/** The services that speak JSON; all others here speak XML. */
const json = /^(ssm|secretsmanager|kms|logs)$/;

/** An error as the request's own service words it. */
export function failure(request: AwsRequest, { status, code, message }: Failure): Answer {
  const id = randomUUID();
  const said = `<Code>${escape(code)}</Code><Message>${escape(message)}</Message>`;
  if (json.test(request.service)) {
    const body = JSON.stringify({ __type: code, message });
    return { status, headers: { "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": id }, body };
  }
  if (request.service === "ec2") {
    return xml(status, id, `<Response><Errors><Error>${said}</Error></Errors><RequestID>${id}</RequestID></Response>`);
  }
  const type = status < 500 ? "Sender" : "Receiver";
  const error = `<Error><Type>${type}</Type>${said}</Error><RequestId>${id}</RequestId>`;
  return xml(status, id, `<ErrorResponse${namespace(request)}>${error}</ErrorResponse>`);
}

/** A good answer of a query protocol: `content` is what stands inside `ACTIONResult` (or, on EC2, in the response). */
export function success(request: AwsRequest, content = ""): Answer {
  const id = randomUUID();
  const { action } = request;
  const inside =
    request.service === "ec2"
      ? `<requestId>${id}</requestId>${content}`
      : `<${action}Result>${content}</${action}Result><ResponseMetadata><RequestId>${id}</RequestId></ResponseMetadata>`;
  return xml(200, id, `<${action}Response${namespace(request)}>${inside}</${action}Response>`);
}

/** A document of a REST service. */
export function document(status: number, body: string): Answer {
  return xml(status, randomUUID(), body);
}

/** `<NAME>text</NAME>`, or nothing where there is no value. */
export function element(name: string, value: string | number | boolean | undefined): string {
  return value === undefined ? "" : `<${name}>${escape(String(value))}</${name}>`;
}

/** A list of texts, as the query protocols write it. */
export function memberList(name: string, values: readonly string[]): string {
  return `<${name}>${values.map((value) => element("member", value)).join("")}</${name}>`;
}

/** A list of structures. */
export function rowList<T>(name: string, rows: readonly T[], print: (row: T) => string): string {
  return `<${name}>${rows.map((row) => `<member>${print(row)}</member>`).join("")}</${name}>`;
}

export function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

function namespace({ service }: AwsRequest): string {
  const name = namespaces[service];
  return name === undefined ? "" : ` xmlns="${name}"`;
}

function xml(status: number, id: string, body: string): Answer {
  return {
    status,
    headers: { "content-type": "text/xml;charset=UTF-8", "x-amzn-requestid": id },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
  };
}
