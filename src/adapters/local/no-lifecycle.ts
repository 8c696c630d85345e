import type { Lifecycle } from "../../ports/lifecycle.ts";

/** No Auto Scaling group launched this machine, so no hook waits for it. */
export const noLifecycle: Lifecycle = {
  async target(signal) {
    signal.throwIfAborted();
    return undefined;
  },
  async observe(signal) {
    signal.throwIfAborted();
    return undefined;
  },
  async state(signal) {
    signal.throwIfAborted();
    return undefined;
  },
  heartbeat: (_group, hook) => Promise.reject(new Error(`there is no hook ${hook} outside Auto Scaling`)),
  complete: (_group, hook) => Promise.reject(new Error(`there is no hook ${hook} outside Auto Scaling`)),
  enterStandby: (group) => Promise.reject(new Error(`there is no group ${group} outside Auto Scaling`)),
  exitStandby: (group) => Promise.reject(new Error(`there is no group ${group} outside Auto Scaling`)),
  setUnhealthy: () => Promise.reject(new Error("there is no group outside Auto Scaling")),
};
