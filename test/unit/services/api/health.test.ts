// What strangers are told about readiness, and what asking costs.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import type { Exchange } from "../../../../services/api/handle-request.ts";
import { readiness } from "../../../../services/api/health.ts";
import { startTestBroker, type TestBroker } from "../../../support/test-broker.ts";

const NEEDED = ["users", "quota", "sessions", "agent", "tools", "nodes"];
let stack: TestBroker;
let problems: string[];
let checks: number;

beforeAll(async () => {
  stack = await startTestBroker(NEEDED.map((name) => ({ name })));
});
beforeEach(() => {
  problems = [];
  checks = 0;
});
afterAll(() => stack.stop());

const check = async () => {
  checks += 1;
  return problems;
};

async function ask(ready = readiness(check)): Promise<{ status: number; body: { missing?: string[] } }> {
  const answer = { status: 0, body: {} };
  const response = {
    setHeader: () => undefined,
    writeHead: (status: number) => {
      answer.status = status;
    },
    end: (text: string) => {
      answer.body = JSON.parse(text) as object;
    },
  };
  const log = pino({ level: "silent" });
  await ready({ broker: stack.broker, response, log } as unknown as Exchange);
  return answer;
}

describe("ready", () => {
  test("means that every service has started which this process was told to run", async () => {
    expect((await ask()).status).toBe(200);
    const started = Promise.withResolvers<void>();
    const slow = stack.broker.createService({ name: "node", started: () => started.promise });
    expect(await ask()).toMatchObject({ status: 503, body: { missing: ["service node"] } });
    started.resolve();
    await stack.broker.waitForServices("node");
    expect((await ask()).status).toBe(200);
    await stack.broker.destroyService(slow);
  });

  test.each([
    ["the disk of /home/me/My Data/.macjarvis is full", "the disk is full"],
    ["the database: cannot open /home/me/My Data/x.db", "a store (the log says more)"],
    ["the database: C:\\Users\\me\\x.db is locked", "a store (the log says more)"],
    ["the database: it is read-only", "the database: it is read-only"],
  ])("tells of %j no place on this machine", async (problem, told) => {
    problems = [problem];
    expect(await ask()).toMatchObject({ status: 503, body: { missing: [told] } });
  });

  test("asked a hundred times at once looks at the stores once", async () => {
    const ready = readiness(check);
    await Promise.all(Array.from({ length: 100 }, () => ask(ready)));
    expect(checks).toBe(1);
  });
});
