import type { Clock } from "../../ports/clock.ts";
import type { IdentityDocument } from "./identity-document.ts";

/**
 * For so long after a launch, in milliseconds, EC2 and Auto Scaling may not know of an instance what they will know.
 * Sources: docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html; tags of a group's instances that come
 * after its start: github.com/aws-samples/aws-lambda-ddns-function/issues/5, github.com/guardian/amigo/pull/167.
 */
export const lateMs = 2 * 60_000;

/**
 * The same of tags that steer the instance, in milliseconds. Shorter, because an instance may have none of them for good,
 * and each of its boots waits for that.
 */
export const tagsLateMs = 60_000;

/**
 * Whether "nothing" about this instance may only be late. By the age of the instance, and where the host's clock is
 * behind by the time since the first question: so the wait has an end.
 */
export function createLateness(
  clock: Pick<Clock, "now" | "monotonicMs">,
  limitMs = lateMs,
): (document: Pick<IdentityDocument, "pendingTime">) => boolean {
  let firstMs: number | undefined;
  return ({ pendingTime }) => {
    firstMs ??= clock.monotonicMs();
    const ageMs = clock.now().getTime() - Date.parse(pendingTime ?? "");
    return ageMs < limitMs && clock.monotonicMs() - firstMs < limitMs;
  };
}
