import { describe, expect, test } from "@jest/globals";
import { AppError, type ErrorType } from "../../../../../lib/errors.ts";
import { mayFallBack, nextDelay } from "../../../../../services/agent/model/retry-plan.ts";

const error = (type: ErrorType, retryAfterMs?: number) =>
  new AppError(type, "x", retryAfterMs === undefined ? {} : { retryAfterMs });
const most = () => 1;

describe("G13 when a model is asked again", () => {
  test.each([
    [1, 500],
    [2, 1_000],
  ])("after failure %i within %i ms, spread over all of it", (failed, longest) => {
    expect(nextDelay(error("model_unavailable"), failed, 600_000, most)).toBe(longest);
    expect(nextDelay(error("model_unavailable"), failed, 600_000, () => 0)).toBe(0);
    expect(nextDelay(error("model_unavailable"), failed, 600_000, () => 0.5)).toBe(longest / 2);
  });

  test("three questions are the most", () => {
    expect(nextDelay(error("model_unavailable"), 3, 600_000, most)).toBeUndefined();
  });

  test("Retry-After is honoured, up to 30 s", () => {
    expect(nextDelay(error("model_rate_limited", 12_000), 1, 600_000, most)).toBe(12_000);
    expect(nextDelay(error("model_rate_limited", 100), 1, 600_000, most)).toBe(500);
    expect(nextDelay(error("model_rate_limited", 31_000), 1, 600_000, most)).toBeUndefined();
  });

  test("nothing is waited for beyond the run's deadline", () => {
    expect(nextDelay(error("model_rate_limited", 12_000), 1, 11_000, most)).toBeUndefined();
    expect(nextDelay(error("model_unavailable"), 1, 100, most)).toBeUndefined();
  });

  test("a refusal is not asked again", () => {
    expect(nextDelay(error("model_rejected"), 1, 600_000, most)).toBeUndefined();
  });

  test("a fault of the prompt is not sent to another model, a fault of the provider is", () => {
    const rejected = (reason: string) => new AppError("model_rejected", "x", { show: { reason } });
    expect(mayFallBack(rejected("context_length"))).toBe(false);
    expect(mayFallBack(rejected("bad_request"))).toBe(false);
    for (const reason of [
      "refused_key",
      "unknown_model",
      "no_credit",
      "not_permitted",
      "no_tools",
      "wrong_address",
    ])
      expect(mayFallBack(rejected(reason))).toBe(true);
    expect(mayFallBack(error("model_filtered"))).toBe(false);
    expect(mayFallBack(error("model_unavailable"))).toBe(true);
  });
});
