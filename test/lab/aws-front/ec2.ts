// Where moto is kinder than EC2, or words a refusal in another way.
import { failure } from "./answers.ts";
import { type Fleet, isLate } from "./fleet.ts";
import { type Answer, type AwsRequest, type Handler, list, structures } from "./handler.ts";

export interface TagsOfEc2 {
  tagsOf(instanceId: string): Promise<Readonly<Record<string, string>>>;
  untag(instanceId: string, keys: readonly string[]): Promise<void>;
}

/** "Tag your Amazon EC2 resources": characters of a key and of a value. That a resource has 50 tags, moto knows. */
const limits = { key: 128, value: 256 };

/** "Instance metadata categories": what a key may be where the metadata shows tags. */
const shownKey = /^[0-9a-zA-Z\-_+=,.@:]{1,255}$/;
const reservedKeys = new Set([".", "..", "_index"]);

/** "DescribeTags": its filters; `tag:KEY` has a key in its name. */
const tagFilters = /^(key|resource-id|resource-type|value|tag:.+)$/;

/** @param tags EC2's own, past the front */
export function createEc2(fleet: Fleet, tags: TagsOfEc2): Handler {
  return {
    name: "EC2",
    match: ({ service }) => service === "ec2",
    async handle(request, forward) {
      const refused = refusal(request);
      if (refused !== undefined) return failure(request, refused);
      const answer = withoutLateTags(request, reworded(request, await forward()));
      if (request.action === "DeleteTags" && answer.status === 200) await deleteAllWhereNoneIsNamed(request);
      return answer;
    },
  };

  function withoutLateTags({ action, params }: AwsRequest, answer: Answer): Answer {
    if (action !== "DescribeTags" || answer.status !== 200) return answer;
    const [, id = ""] = /\.Value\.1=(i-[0-9a-f]+)/.exec(params.toString()) ?? [];
    const instance = fleet.byId(id);
    if (instance === undefined || !isLate(instance, "tags")) return answer;
    return { ...answer, body: answer.body.replace(/<tagSet>[^]*<\/tagSet>/, "<tagSet/>") };
  }

  /**
   * EC2 API Reference, "DeleteTags": "If you omit this parameter, we delete all user-defined tags for the specified
   * resources", and none of those that AWS made. moto deletes nothing.
   */
  async function deleteAllWhereNoneIsNamed({ params }: AwsRequest): Promise<void> {
    if (structures(params, "Tag").length > 0) return;
    for (const id of list(params, "ResourceId")) {
      const users = Object.keys(await tags.tagsOf(id)).filter((key) => !/^aws:/i.test(key));
      await tags.untag(id, users);
    }
  }

  function refusal({ action, params }: AwsRequest) {
    if (action === "DescribeTags") return unknownFilter(structures(params, "Filter"));
    if (action !== "CreateTags" && action !== "DeleteTags") return undefined;
    const tags = structures(params, "Tag");
    const keys = tags.flatMap(({ Key }) => Key ?? []);
    const reserved = keys.find((key) => /^aws:/i.test(key));
    if (reserved !== undefined) {
      return invalid(
        `Value ( ${reserved} ) for parameter key is invalid. Tag keys starting with 'aws:' are reserved for internal use`,
      );
    }
    return action === "CreateTags" ? unfitTag(tags, list(params, "ResourceId")) : undefined;
  }

  function unfitTag(tags: readonly Record<string, string>[], resources: readonly string[]) {
    for (const { Key = "", Value = "" } of tags) {
      if (Key.length > limits.key) return invalid("Tag key exceeds the maximum length of 128 characters");
      if (Value.length > limits.value) return invalid("Tag value exceeds the maximum length of 256 characters");
    }
    for (const id of resources) {
      const instance = fleet.byId(id);
      if (instance === undefined) continue;
      const unfit = tags.find(({ Key = "" }) => !shownKey.test(Key) || reservedKeys.has(Key));
      if (instance.metadata.tags && unfit !== undefined) {
        return invalid(
          `'${unfit["Key"]}' is not a valid tag key. Tag keys must match pattern ([0-9a-zA-Z\\-_+=,.@:]{1,255}), and must not be a reserved name ('.', '..', '_index')`,
        );
      }
    }
    return undefined;
  }
}

function unknownFilter(filters: readonly Record<string, string>[]) {
  const unknown = filters.find(({ Name = "" }) => !tagFilters.test(Name));
  return unknown === undefined ? undefined : invalid(`The filter '${unknown["Name"]}' is invalid`);
}

function invalid(message: string) {
  return { status: 400, code: "InvalidParameterValue", message };
}

/** "Error codes for the Amazon EC2 API": EC2 has names of its own for a denial and for a bad signature. */
function reworded(request: AwsRequest, answer: Answer): Answer {
  const [, code = ""] = /<Code>([^<]*)<\/Code>/.exec(answer.status >= 400 ? answer.body : "") ?? [];
  if (code === "AccessDenied") {
    const message = "You are not authorized to perform this operation.";
    return failure(request, { status: 403, code: "UnauthorizedOperation", message });
  }
  if (/^(SignatureDoesNotMatch|InvalidClientTokenId|AuthFailure)$/.test(code)) {
    const message = "AWS was not able to validate the provided access credentials";
    return failure(request, { status: 401, code: "AuthFailure", message });
  }
  return answer;
}
