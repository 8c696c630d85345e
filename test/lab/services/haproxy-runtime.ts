import { connect } from "node:net";

/** A server of a backend, as HAProxy sees it. */
export interface BalancedServer {
  name: string;
  address: string;
  port: number;
  state: "UP" | "DOWN" | "DRAIN" | "MAINT" | "no check";
  /** Outcome of the last health check (`L7OK`, `L4CON`, …); empty when there was none. */
  check: string;
  /** HTTP status of the last check, when it got one. */
  checkCode: number | undefined;
  /** The outcome in HAProxy's words. */
  checkText: string;
  /** Sessions it serves at this moment. */
  sessions: number;
}

/** Sends one command to the runtime API; returns the answer. HAProxy reports errors in its text only. */
export function askRuntime(socketPath: string, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    let answer = "";
    socket.setTimeout(3_000, () => socket.destroy(new Error(`HAProxy gave no answer to "${command}"`)));
    socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
    socket.once("error", reject);
    socket.once("end", () => resolve(answer.trim()));
    socket.end(`${command}\n`);
  });
}

/** Reads the csv of `show stat BACKEND 4 -1`. Throws when it is an error message instead. */
export function parseServers(csv: string): BalancedServer[] {
  const [header = "", ...lines] = csv.split("\n");
  if (!header.startsWith("# ")) throw new Error(`HAProxy answered: ${csv}`);
  const names = header.slice(2).split(",");
  return lines
    .filter((line) => line !== "")
    .map((line) => {
      const values = line.split(",");
      const field = (name: string) => values[names.indexOf(name)] ?? "";
      const [, address = "", port = ""] = /^(.*):(\d+)$/.exec(field("addr")) ?? [];
      return {
        name: field("svname"),
        address,
        port: Number(port),
        state: stateOf(field("status")),
        // A check that is under way is marked by an asterisk; the outcome is still the last one's.
        check: field("check_status").replace("* ", ""),
        checkCode: Number(field("check_code")) || undefined,
        checkText: [field("check_desc"), field("last_chk")].filter(Boolean).join(": "),
        sessions: Number(field("scur")),
      };
    });
}

/** `UP 1/2` is up, with one failed check of the two that take it down. */
function stateOf(status: string): BalancedServer["state"] {
  const state = (["UP", "DOWN", "DRAIN", "MAINT", "no check"] as const).find((each) => status.startsWith(each));
  if (!state) throw new Error(`HAProxy speaks of a server state that the lab does not know: "${status}"`);
  return state;
}
