import { describe, expect, test } from "@jest/globals";
import type { CallId, MessageId, SessionId } from "../../../../../contracts/ids.ts";
import type { Message } from "../../../../../contracts/sessions.ts";
import { fitHistory } from "../../../../../services/agent/prompt/build-prompt.ts";
import { type Exchange, exchangesOf } from "../../../../../services/agent/prompt/exchanges.ts";

let made = 0;
function message(role: Message["role"], content: string, more: Partial<Message> = {}): Message {
  made += 1;
  return {
    id: `msg_${made}` as MessageId,
    session_id: "ses_1" as SessionId,
    role,
    content,
    status: "complete",
    created_at: "",
    ...more,
  };
}
/** Exchanges of about `tokens` each. */
const history = (count: number, tokens: number): Exchange[] =>
  exchangesOf(
    Array.from({ length: count }, () => message("user", "word".repeat(tokens - 4))),
    true,
  );
const ids = (exchanges: Exchange[]) => exchanges.map(({ firstId }) => firstId);

describe("G15 what of the history fits", () => {
  test("all of it, when it does", () => {
    const exchanges = history(4, 100);
    expect(fitHistory({ exchanges, isWhole: true }, null, 400)).toMatchObject({ dropped: [], tokens: 400 });
    expect(fitHistory({ exchanges, isWhole: true }, null, 399).dropped).not.toEqual([]);
  });

  test("when something must go, the next exchanges fit without a new summary", () => {
    const exchanges = history(10, 100);
    const { kept, dropped } = fitHistory({ exchanges, isWhole: true }, null, 900);
    expect(ids([...dropped, ...kept])).toEqual(ids(exchanges));
    const summary = { until: dropped.at(-1)?.lastId ?? "", text: "short" };
    const more = [...exchanges, ...history(3, 100)];
    const next = fitHistory({ exchanges: more, isWhole: true }, summary, 900);
    expect(next).toMatchObject({ dropped: [], isSummarised: true });
    expect(ids(next.kept)).toEqual(ids(more.slice(dropped.length)));
  });

  test("a summary is left out where everything fits again: another model takes more", () => {
    const exchanges = history(5, 100);
    const summary = { until: exchanges[2]?.lastId ?? "", text: "short" };
    expect(fitHistory({ exchanges, isWhole: true }, summary, 1_000)).toMatchObject({
      kept: exchanges,
      isSummarised: false,
    });
    expect(fitHistory({ exchanges, isWhole: false }, summary, 1_000)).toMatchObject({ isSummarised: true });
  });

  test("the last exchange stays however large it is, and nothing where there is no room at all", () => {
    const exchanges = [...history(2, 100), ...history(1, 50_000)];
    const { kept, dropped, tokens } = fitHistory({ exchanges, isWhole: true }, null, 2_000);
    expect(ids(kept)).toEqual(ids(exchanges.slice(-1)));
    expect(dropped).toHaveLength(2);
    expect(tokens).toBeLessThanOrEqual(2_000);
    expect(fitHistory({ exchanges, isWhole: true }, null, 0)).toMatchObject({ kept: [], tokens: 0 });
  });
});

describe("exchanges", () => {
  const calling = message("assistant", "", {
    tool_calls: [{ call_id: "call_1" as CallId, name: "look", args: { a: 1 } }],
  });
  const result = message("tool", "seen", { call_id: "call_1" as CallId, name: "look" });

  test("a call without its result is given one, a result without its call is left out", () => {
    const [cut] = exchangesOf([message("user", "go"), calling], true);
    expect(cut?.messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool"]);
    const [orphan] = exchangesOf([message("user", "go"), result], true);
    expect(orphan?.messages.map(({ role }) => role)).toEqual(["user"]);
  });

  test("the end of an exchange whose beginning was not read counts only where there is nothing else", () => {
    const answer = message("assistant", "so it is");
    expect(ids(exchangesOf([answer, message("user", "next")], false))).toHaveLength(1);
    expect(exchangesOf([result, answer], false)[0]?.messages).toEqual([
      { role: "assistant", content: "so it is" },
    ]);
  });

  test("long arguments of old calls are cut, and stay valid", () => {
    const long = message("assistant", "", {
      tool_calls: [
        { call_id: "call_2" as CallId, name: "write_file", args: { content: "x".repeat(50_000) } },
      ],
    });
    const [exchange] = exchangesOf([message("user", "go"), long], true);
    const [, said] = exchange?.messages ?? [];
    const text = said?.role === "assistant" ? (said.tool_calls?.[0]?.arguments ?? "") : "";
    expect(text.length).toBeLessThan(5_000);
    expect(JSON.parse(text)).toHaveProperty("left_out");
  });
});
