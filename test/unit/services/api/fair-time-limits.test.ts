import { createServer } from "node:http";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { limitTimeFairly } from "../../../../services/api/fair-time-limits.ts";

let now = 0;
const server = createServer();
const limits = { headersMs: 20_000, requestMs: 120_000 };
beforeEach(() => {
  now = 1_000_000;
});
afterEach(() => void server.emit("close"));

test("clients have their time, and nobody is judged right after the process stood still", () => {
  limitTimeFairly(server, { ...limits, clock: () => now });
  const both = () => [server.headersTimeout, server.requestTimeout];
  now += 600;
  expect(both()).toEqual([20_000, 120_000]);
  now += 25_000;
  expect(both()).toEqual([0, 0]);
  now += 1_500;
  expect(both()).toEqual([0, 0]);
  now += 600;
  expect(both()).toEqual([20_000, 120_000]);
});
