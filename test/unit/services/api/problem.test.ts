import type { ServerResponse } from "node:http";
import { describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { sendProblem } from "../../../../services/api/problem.ts";

type Sent = { status: number; headers: Record<string, unknown>; body: Record<string, unknown> };

/** What a client is told of a thrown thing, and what the log is. */
function told(thrown: unknown): { sent: Sent; log: string } {
  const sent: Sent = { status: 0, headers: {}, body: {} };
  const lines: string[] = [];
  const response = {
    headersSent: false,
    setHeader(name: string, value: unknown) {
      sent.headers[name] = value;
    },
    writeHead(status: number, headers: object) {
      sent.status = status;
      Object.assign(sent.headers, headers);
    },
    end(body: string) {
      sent.body = JSON.parse(body) as Record<string, unknown>;
    },
  } as unknown as ServerResponse;
  sendProblem(response, thrown, "request-1", pino({}, { write: (line: string) => void lines.push(line) }));
  return { sent, log: lines.join("") };
}

describe("what is not in the catalogue", () => {
  test.each([
    ["a fault of ours", new TypeError("cannot read 'secret-4711' of undefined")],
    [
      "a store's own words",
      Object.assign(new Error("SQLITE_CORRUPT secret-4711"), { code: "ERR_SQLITE_ERROR" }),
    ],
    ["a thrown text", "secret-4711"],
    ["nothing", undefined],
    ["a type that only looks like one", { type: "__proto__", message: "secret-4711" }],
  ])("%s is internal: its words go to the log only", (_name, thrown) => {
    const { sent, log } = told(thrown);
    expect(sent.status).toBe(500);
    expect(sent.body).toEqual({
      type: "https://macjarvis.dev/errors/internal",
      title: "Something went wrong on our side",
      status: 500,
      detail: "Something went wrong on our side",
      code: "internal",
      request_id: "request-1",
    });
    expect(log).toContain("request-1");
  });

  test.each([
    ["REQUEST_TIMEOUT", 504, "request_timeout"],
    ["SERVICE_NOT_FOUND", 503, "busy"],
    ["SERVICE_NOT_AVAILABLE", 503, "busy"],
    ["QUEUE_FULL", 503, "busy"],
  ])("the bus's %s is %i %s", (type, status, code) => {
    const { sent } = told(Object.assign(new Error("node core-1 of secret-4711"), { type }));
    expect(sent).toMatchObject({ status, body: { code } });
    expect(JSON.stringify(sent.body)).not.toContain("4711");
    if (status === 503) expect(sent.headers["Retry-After"]).toBe("1");
  });
});
