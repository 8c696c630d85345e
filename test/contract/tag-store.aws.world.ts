// EC2 as far as tags and states go, on loopback: filters with EC2's own wildcards, answers in short pages.
import type { AwsAnswer } from "../unit/adapters/aws/aws-server.ts";
import { fields } from "../unit/adapters/aws/aws-server.ts";

export type Ec2 = {
  readonly instances: Map<string, { state: string; tags: Map<string, string> }>;
  answer(action: string, parameters: URLSearchParams): AwsAnswer;
};

const pageSize = 2;

export function createEc2(): Ec2 {
  const instances: Ec2["instances"] = new Map();

  function tagsOf(id: string): Map<string, string> {
    const instance = instances.get(id);
    if (instance === undefined) throw new Error(`the test has no instance ${id}`);
    return instance.tags;
  }

  function describeTags(parameters: URLSearchParams): string {
    const [filter] = filtersIn(parameters);
    if (filter?.name !== "resource-id") throw new Error("the tags of one resource are asked for");
    const tags = [...tagsOf(filter.value)].map(([key, value]) => `<item>${fields({ key, value: xml(value) })}</item>`);
    return paged(parameters, "tagSet", tags);
  }

  function describeInstances(parameters: URLSearchParams): string {
    const filters = filtersIn(parameters);
    const names = [...new Set(filters.map(({ name }) => name))];
    const found = [...instances].filter(([id, instance]) =>
      names.every((name) => filters.some((filter) => filter.name === name && passes(id, instance, filter))),
    );
    const items = found.map(([id, { state, tags }]) => {
      const set = [...tags].map(([key, value]) => `<item>${fields({ key, value: xml(value) })}</item>`).join("");
      const name = `<instanceState><name>${state}</name></instanceState>`;
      const instance = `<item><instanceId>${id}</instanceId>${name}<tagSet>${set}</tagSet></item>`;
      return `<item><instancesSet>${instance}</instancesSet></item>`;
    });
    return paged(parameters, "reservationSet", items);
  }

  return {
    instances,
    answer(action, parameters) {
      const pairs = pairsIn(parameters);
      switch (action) {
        case "DescribeTags":
          return describeTags(parameters);
        case "DescribeInstances":
          return describeInstances(parameters);
        case "CreateTags":
          for (const { key, value = "" } of pairs) tagsOf(parameters.get("ResourceId.1") ?? "").set(key, value);
          return "<return>true</return>";
        case "DeleteTags": {
          const tags = tagsOf(parameters.get("ResourceId.1") ?? "");
          // EC2 API Reference, "DeleteTags": without a tag, all that users made.
          if (pairs.length === 0) for (const key of tags.keys()) if (!/^aws:/i.test(key)) tags.delete(key);
          for (const { key, value } of pairs) if (value === undefined || tags.get(key) === value) tags.delete(key);
          return "<return>true</return>";
        }
        default:
          return { status: 400, code: "InvalidAction", message: action };
      }
    },
  };
}

type Instance = { readonly state: string; readonly tags: Map<string, string> };

function passes(id: string, { state, tags }: Instance, { name, value }: Filter): boolean {
  if (name === "instance-id") return pattern(value).test(id);
  if (name === "instance-state-name") return state === value;
  if (name === "tag-key") return [...tags.keys()].some((key) => pattern(value).test(key));
  const tag = tags.get(name.replace(/^tag:/, ""));
  return tag !== undefined && pattern(value).test(tag);
}

/** `*` is any text, `?` any character, and a backslash takes that from the next. */
function pattern(text: string): RegExp {
  const parts = text.match(/\\.|[^\\]/gs) ?? [];
  const source = parts.map((part) => {
    if (part === "*") return ".*";
    if (part === "?") return ".";
    return part.slice(-1).replace(/[^\w\s]/u, String.raw`\$&`);
  });
  return new RegExp(`^${source.join("")}$`, "s");
}

type Filter = { readonly name: string; readonly value: string };

function filtersIn(parameters: URLSearchParams): readonly Filter[] {
  return [...parameters].flatMap(([key, value]) => {
    const [, at] = /^Filter\.(\d+)\.Value\.\d+$/.exec(key) ?? [];
    return at === undefined ? [] : [{ name: parameters.get(`Filter.${at}.Name`) ?? "", value }];
  });
}

function pairsIn(parameters: URLSearchParams): readonly { readonly key: string; readonly value?: string }[] {
  return [...parameters].flatMap(([name, key]) => {
    const [, at] = /^Tag\.(\d+)\.Key$/.exec(name) ?? [];
    if (at === undefined) return [];
    const value = parameters.get(`Tag.${at}.Value`);
    return [value === null ? { key } : { key, value }];
  });
}

function paged(parameters: URLSearchParams, set: string, items: readonly string[]): string {
  const from = Number(parameters.get("NextToken") ?? "0");
  const next = from + pageSize < items.length ? `<nextToken>${from + pageSize}</nextToken>` : "";
  return `<${set}>${items.slice(from, from + pageSize).join("")}</${set}>${next}`;
}

function xml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
