import { expect, test } from "@jest/globals";
import { processCache } from "../../../../lib/embedded/cache.ts";
import { processCounters } from "../../../../lib/embedded/memory-ports.ts";
import { AttemptLimiter } from "../../../../services/users/passwords/attempts.ts";
import { refusal } from "./users-broker.ts";

const [EMAIL, ADDRESS] = ["ada@example.com", "198.51.100.1"];

test("G17 a guess that is not decided before the next minute gives nothing back of that one's guesses", async () => {
  let now = 59_000;
  const counters = processCounters(() => now);
  const limiter = new AttemptLimiter({ counters, cache: processCache() });
  const overdue = await limiter.begin(EMAIL, ADDRESS);
  now = 61_000;
  for (let guess = 0; guess < 5; guess += 1) await (await limiter.begin(EMAIL, ADDRESS)).end("wrong");
  await overdue.end("undecided");
  expect(await refusal(limiter.begin(EMAIL, ADDRESS))).toBe("too_many_attempts");
});
