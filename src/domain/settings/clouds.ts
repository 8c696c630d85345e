import type { Cloud } from "../instance/instance.ts";

/**
 * What settings and tags may ask for and a cloud does not have: the reason that the refusal gives. Undefined: the cloud
 * has it.
 */
type Refusals = {
  /** The settings' section `local`. */
  readonly localSection: string | undefined;
  /** `onFailure: abandon`. */
  readonly abandon: string | undefined;
  /** Weights of DNS records. */
  readonly weights: string | undefined;
};

export const refusals: { readonly [C in Cloud]: Refusals } = {
  aws: {
    localSection: "cloud: aws has target groups and Route 53",
    abandon: undefined,
    weights: undefined,
  },
  local: {
    localSection: undefined,
    abandon: "cloud: local has no Auto Scaling to tell",
    weights: "the DNS servers of cloud: local know no weights",
  },
};
