import type { Role } from "../../domain/role/role.ts";
import type { Settings } from "../../domain/settings/settings.ts";
import { refuseUntrusted } from "../../domain/instance/tag-trust.ts";
import { StageFailure } from "./step.ts";

/** @throws StageFailure of config with `tag-untrusted` */
export function trustedBy({ tags }: Settings, role: Role): void {
  try {
    refuseUntrusted(role, tags.trust);
  } catch (error) {
    throw new StageFailure("config", error);
  }
}
