// A query-protocol call of the lab's own, signed: moto checks signatures once IAM is enforced.
// Source: "Create a signed AWS API request" in the AWS IAM User Guide.
import { createHash, createHmac } from "node:crypto";

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const signedHeaders = "content-type;host;x-amz-date";

/** The headers of a `POST /` with this form as its body. */
export function signedForm(
  endpoint: string,
  { service, region, body, keys }: { service: string; region: string; body: string; keys: Keys },
): Record<string, string> {
  const time = `${new Date().toISOString().replaceAll(/[-:]/g, "").slice(0, 15)}Z`;
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  const headers = { "content-type": "application/x-www-form-urlencoded", host: new URL(endpoint).host };
  const lines = [`content-type:${headers["content-type"]}`, `host:${headers.host}`, `x-amz-date:${time}`];
  const canonical = ["POST", "/", "", ...lines, "", signedHeaders, sha256(body)].join("\n");
  const key = scope.split("/").reduce<string | Buffer>(hmac, `AWS4${keys.secretAccessKey}`);
  const signature = hmac(key, ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n")).toString("hex");
  const credential = `Credential=${keys.accessKeyId}/${scope}`;
  return {
    ...headers,
    "x-amz-date": time,
    authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${signedHeaders}, Signature=${signature}`,
  };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
