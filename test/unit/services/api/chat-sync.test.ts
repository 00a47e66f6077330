// How long POST /agent/chat/sync waits for a run that cannot be read.
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { processSignals } from "../../../../lib/embedded/memory-ports.ts";
import { AppError } from "../../../../lib/errors.ts";
import { chatSync } from "../../../../services/api/chat.ts";
import type { Exchange } from "../../../../services/api/handle-request.ts";

const RUN = "run_1";
const AWAY = new AppError(
  "store_unavailable",
  "The answer has 9000000 bytes, and the store of objects is away.",
);

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** @param read answers each look at the run */
function ask(read: () => unknown) {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  const call = async (name: string) =>
    name === "agent.start"
      ? { run_id: RUN, rate_limit: { limit: 1, remaining: 1, reset_at: 1 } }
      : { run: read() };
  const exchange = {
    ...{ request, response, params: {}, meta: { clientAddress: "" }, requestId: "req_1", caller: undefined },
    ...{ broker: { call }, ports: { signals: processSignals() } },
  } as unknown as Exchange;
  const ended: unknown[] = [];
  void chatSync(exchange).then(
    () => ended.push(response.statusCode),
    (thrown: unknown) => ended.push(thrown),
  );
  return ended;
}

test("a run that cannot be read for a minute is answered with its id, so that its client can read it later", async () => {
  const ended = ask(() => {
    throw AWAY;
  });
  await jest.advanceTimersByTimeAsync(59_000);
  expect(ended).toEqual([]);
  await jest.advanceTimersByTimeAsync(6_000);
  expect(ended).toMatchObject([{ type: "store_unavailable", code: 503, data: { show: { run_id: RUN } } }]);
});

test("a run that can be read now and then is waited for", async () => {
  let looks = 0;
  let status = "running";
  const ended = ask(() => {
    looks += 1;
    if (looks % 6 !== 0) throw AWAY;
    return { id: RUN, session_id: "ses_1", status, steps: [] };
  });
  await jest.advanceTimersByTimeAsync(300_000);
  expect(ended).toEqual([]);
  status = "waiting_approval";
  await jest.advanceTimersByTimeAsync(30_000);
  expect(ended).toEqual([202]);
});

test("what does not pass ends the wait at once", async () => {
  const ended = ask(() => {
    throw new AppError("answer_too_large");
  });
  await jest.advanceTimersByTimeAsync(0);
  expect(ended).toMatchObject([{ type: "answer_too_large" }]);
});
