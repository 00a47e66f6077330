import { expect, test } from "@jest/globals";
import { logLines } from "../../../../bin/edge/log-lines.ts";

test("takes warnings and errors of nats-server, bounded, and of a flood says how many were left out", () => {
  const said: [level: string, words: string][] = [];
  const keep = (level: string) => (_: object, words: string) => void said.push([level, words]);
  let now = 0;
  const take = logLines({ warn: keep("warn"), error: keep("error") }, () => now);
  const line = (level: string, words: string) => `[1] 2026/11/30 15:50:03.098002 [${level}] ${words}`;
  take(line("INF", "Server is ready"));
  take("not a line of its log");
  take(line("WRN", "Maximum is near"));
  for (let times = 0; times < 1_000; times += 1) take(line("ERR", "x".repeat(5_000)));
  now = 10_000;
  take(line("FTL", "Error listening on port"));
  expect(said).toHaveLength(22);
  expect(said[0]).toEqual(["warn", "Maximum is near"]);
  expect(said[1]).toEqual(["error", "x".repeat(1_000)]);
  expect(said[20]).toEqual(["warn", "981 more of its lines were left out"]);
  expect(said[21]).toEqual(["error", "Error listening on port"]);
});
