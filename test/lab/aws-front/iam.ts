// IAM before moto, whose own looks at no resource and at no condition: what a role's policies do not allow is denied
// here. Whose keys signed a request, and whether the signature is good, stays moto's to say.
import { denied } from "./faults.ts";
import type { Answer, AwsRequest, Forward, Handler } from "./handler.ts";
import { isAllowed, type Policy } from "./iam-policy.ts";
import { askedOf, type Holder } from "./iam-request.ts";

export interface Iam extends Handler {
  /** Counts from now on. */
  enforced: boolean;
  /** What a role may do; for a role that is not here moto alone decides. */
  setPolicies(role: string, policies: readonly Policy[]): void;
}

export interface IamDeps {
  /** Whose role the key is of; undefined: of no instance, as the lab's own. */
  readonly holderOf: (accessKeyId: string) => (Holder & { readonly role: string }) | undefined;
}

export function createIam({ holderOf }: IamDeps): Iam {
  const policiesOf = new Map<string, readonly Policy[]>();
  const iam: Iam = {
    name: "IAM",
    enforced: false,
    setPolicies: (role, policies) => void policiesOf.set(role, policies),
    match: () => iam.enforced,
    async handle(request, forward) {
      const holder = holderOf(request.accessKeyId);
      const policies = holder === undefined ? undefined : policiesOf.get(holder.role);
      if (holder === undefined || policies === undefined) return forward();
      return judged(request, holder, policies, forward);
    },
    reset() {
      policiesOf.clear();
      iam.enforced = false;
    },
  };
  return iam;
}

async function judged(
  request: AwsRequest,
  holder: Holder,
  policies: readonly Policy[],
  forward: Forward,
): Promise<Answer> {
  const may = askedOf(request, holder).every((asked) => isAllowed(policies, asked));
  return may ? forward() : denied(request);
}
