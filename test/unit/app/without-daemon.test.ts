import { expect, test } from "vitest";
import { daemonOrHere } from "../../../src/app/without-daemon.ts";
import { MusterError } from "../../../src/domain/errors/errors.ts";

function refused(code: "daemon-unreachable" | "daemon-silent") {
  return () => Promise.reject(new MusterError({ code, message: "no", hint: "Wait." }));
}

const here = async () => ({ ask: async () => "here" });

function never(): never {
  return expect.fail("made here");
}

test("the daemon works where it listens, and nothing is made here", async () => {
  expect(await daemonOrHere({ ask: async () => "daemon" }, never, (port) => port.ask())).toBe("daemon");
});

test("without a daemon the work is done here", async () => {
  expect(await daemonOrHere({ ask: refused("daemon-unreachable") }, here, (port) => port.ask())).toBe("here");
});

test("a daemon that does not answer keeps its work: doing it here too would be twice", async () => {
  const asked = daemonOrHere({ ask: refused("daemon-silent") }, here, (port) => port.ask());
  await expect(asked).rejects.toMatchObject({ code: "daemon-silent" });
});

test("what fails here is the error", async () => {
  const failing = { ask: () => Promise.reject(new TypeError("a bug")) };
  const asked = daemonOrHere(
    { ask: refused("daemon-unreachable") },
    async () => failing,
    (port) => port.ask(),
  );
  await expect(asked).rejects.toThrow(TypeError);
});
