// One instance's way through its Auto Scaling group, as a state machine with time-outs.
// Source: "Amazon EC2 Auto Scaling instance lifecycle" and "How lifecycle hooks work" in its User Guide.
export type Result = "CONTINUE" | "ABANDON";
export type Transition = "launching" | "terminating";

/**
 * Of an instance of the warm pool: `warming` is a launch whose hooks wait too, and ends outside of the group.
 * `returning` from standby no hook waits: "lifecycle hooks should only be applied to newly launched instances" (AWS in
 * github.com/aws-samples/aws-codedeploy-samples/issues/30).
 */
type Way = Transition | "warming" | "standing-by" | "returning";

export interface Hook {
  readonly name: string;
  readonly transition: Transition;
  readonly heartbeatSeconds: number;
  readonly defaultResult: Result;
}

/** What happens to the instance outside of its group on the way. */
export interface Effects {
  /** In the group's attached target groups. */
  register(): Promise<void>;
  deregister(): Promise<void>;
  terminate(): Promise<void>;
  /** What the metadata says that Auto Scaling wants of it. */
  target(state: "InService" | "Terminated" | "Standby" | WarmState): void;
  /** An effect did not work: the lab's own trouble. */
  trouble(error: unknown): void;
}

/** Where an instance of a warm pool is kept. */
export type WarmState = "Warmed:Running" | "Warmed:Stopped" | "Warmed:Hibernated";

export interface Passage {
  /** `Pending:Wait`, `InService`…; `Terminated` once it is out of the group. */
  readonly state: string;
  /** Each state that it was in, in order. */
  readonly history: readonly string[];
  /** False: no such action waits. */
  complete(hook: string, result: Result): boolean;
  heartbeat(hook: string): boolean;
  terminate(): void;
  /** False: it is not `InService`. */
  enterStandby(): boolean;
  /** False: it is not in `Standby`. */
  exitStandby(): boolean;
  /** Out of the warm pool, into the group: a launch with its hooks once more. */
  wake(): void;
  /** No timer goes on. */
  stop(): void;
}

interface Action {
  readonly hook: Hook;
  readonly globalEnd: number;
  timer: NodeJS.Timeout;
}

const steps = {
  launching: { begin: "Pending", wait: "Pending:Wait", proceed: "Pending:Proceed", end: "InService" },
  terminating: {
    begin: "Terminating",
    wait: "Terminating:Wait",
    proceed: "Terminating:Proceed",
    end: "Terminated",
  },
  warming: {
    begin: "Warmed:Pending",
    wait: "Warmed:Pending:Wait",
    proceed: "Warmed:Pending:Proceed",
    end: "Warmed:Running",
  },
  "standing-by": { begin: "EnteringStandby", end: "Standby" },
  returning: { begin: "Pending", proceed: "Pending:Proceed", end: "InService" },
} as const;

const maxGlobalSeconds = 48 * 3600;

/** "The maximum is 172800 seconds (48 hours) or 100 times the heartbeat timeout, whichever is smaller." */
export function globalSeconds({ heartbeatSeconds }: Hook): number {
  return Math.min(maxGlobalSeconds, heartbeatSeconds * 100);
}

/** Begins with the launch, or, for an instance of the warm pool, with that into the pool. */
export function startPassage(hooks: () => readonly Hook[], effects: Effects, warm?: WarmState): Passage {
  const history: string[] = [];
  let way: Way = "launching";
  let actions: Action[] = [];

  function enter(state: string): void {
    history.push(state);
  }

  function begin(next: Way): void {
    drop();
    way = next;
    enter(steps[next].begin);
    effects.target(targetOf(next));
    // Attached groups drain before the instance may do its own leaving.
    after(next === "terminating" || next === "standing-by" ? effects.deregister() : Promise.resolve(), wait);
  }

  function targetOf(along: Way) {
    switch (along) {
      case "terminating":
        return "Terminated";
      case "standing-by":
        return "Standby";
      case "warming":
        return warm ?? "InService";
      case "launching":
      case "returning":
        return "InService";
    }
  }

  function wait(): void {
    const step = steps[way];
    const waiting = hooks().filter(({ transition }) => transition === (way === "warming" ? "launching" : way));
    if (waiting.length === 0 || !("wait" in step)) return proceed();
    enter(step.wait);
    actions = waiting.map((hook) => {
      const globalEnd = Date.now() + globalSeconds(hook) * 1_000;
      const action = { hook, globalEnd, timer: setTimeout(() => {}, 0) };
      extend(action);
      return action;
    });
  }

  function extend(action: Action): void {
    clearTimeout(action.timer);
    const ms = Math.min(action.hook.heartbeatSeconds * 1_000, action.globalEnd - Date.now());
    action.timer = setTimeout(() => settle(action, action.hook.defaultResult), Math.max(0, ms));
  }

  function settle(action: Action, result: Result): void {
    clearTimeout(action.timer);
    actions = actions.filter((other) => other !== action);
    if (result === "ABANDON") {
      // No other hook of this transition is waited for any longer.
      drop();
      if (way !== "terminating") return begin("terminating");
    }
    if (actions.length === 0) proceed();
  }

  function proceed(): void {
    const step = steps[way];
    if ("proceed" in step) enter(step.proceed);
    const reached = way === "warming" && warm ? warm : step.end;
    after(effectOf(way), () => enter(reached));
  }

  function effectOf(along: Way): Promise<void> {
    switch (along) {
      case "launching":
      case "returning":
        return effects.register();
      case "terminating":
        return effects.terminate();
      case "warming":
      case "standing-by":
        return Promise.resolve();
    }
  }

  /** Only from a state at rest. */
  function beginFrom(state: string, next: Way): boolean {
    const may = history.at(-1) === state;
    if (may) begin(next);
    return may;
  }

  /** Goes on once the effect is over, unless the instance is somewhere else by then. */
  function after(effect: Promise<void>, goOn: () => void): void {
    const here = history.length;
    effect
      .catch((error: unknown) => effects.trouble(error))
      .finally(() => {
        if (history.length === here) goOn();
      });
  }

  function find(hook: string): Action | undefined {
    return actions.find((action) => action.hook.name === hook);
  }

  function drop(): void {
    for (const { timer } of actions) clearTimeout(timer);
    actions = [];
  }

  begin(warm === undefined ? "launching" : "warming");
  return {
    get state() {
      return history.at(-1) ?? "";
    },
    history,
    complete(hook, result) {
      const action = find(hook);
      if (action !== undefined) settle(action, result);
      return action !== undefined;
    },
    heartbeat(hook) {
      const action = find(hook);
      if (action !== undefined) extend(action);
      return action !== undefined;
    },
    terminate: () => begin("terminating"),
    enterStandby: () => beginFrom("InService", "standing-by"),
    exitStandby: () => beginFrom("Standby", "returning"),
    wake: () => begin("launching"),
    stop: drop,
  };
}
