// One instance's way through its Auto Scaling group, as a state machine with time-outs.
// Source: "Amazon EC2 Auto Scaling instance lifecycle" and "How lifecycle hooks work" in its User Guide.
export type Result = "CONTINUE" | "ABANDON";
export type Transition = "launching" | "terminating";

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
  target(state: "InService" | "Terminated"): void;
  /** An effect did not work: the lab's own trouble. */
  trouble(error: unknown): void;
}

export interface Passage {
  /** `Pending:Wait`, `InService`…; `Terminated` once it is out of the group. */
  readonly state: string;
  /** Each state that it was in, in order. */
  readonly history: readonly string[];
  /** False: no such action waits. */
  complete(hook: string, result: Result): boolean;
  heartbeat(hook: string): boolean;
  terminate(): void;
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
} as const;

const maxGlobalSeconds = 48 * 3600;

/** "The maximum is 172800 seconds (48 hours) or 100 times the heartbeat timeout, whichever is smaller." */
export function globalSeconds({ heartbeatSeconds }: Hook): number {
  return Math.min(maxGlobalSeconds, heartbeatSeconds * 100);
}

/** Begins with the launch. */
export function startPassage(hooks: () => readonly Hook[], effects: Effects): Passage {
  const history: string[] = [];
  let transition: Transition = "launching";
  let actions: Action[] = [];

  function enter(state: string): void {
    history.push(state);
  }

  function begin(next: Transition): void {
    drop();
    transition = next;
    enter(steps[next].begin);
    effects.target(next === "launching" ? "InService" : "Terminated");
    // Attached groups drain before the instance may do its own leaving.
    after(next === "terminating" ? effects.deregister() : Promise.resolve(), wait);
  }

  function wait(): void {
    const waiting = hooks().filter((hook) => hook.transition === transition);
    if (waiting.length === 0) return proceed();
    enter(steps[transition].wait);
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
      if (transition === "launching") return begin("terminating");
    }
    if (actions.length === 0) proceed();
  }

  function proceed(): void {
    const { proceed: state, end } = steps[transition];
    enter(state);
    after(transition === "launching" ? effects.register() : effects.terminate(), () => enter(end));
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

  begin("launching");
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
    stop: drop,
  };
}
