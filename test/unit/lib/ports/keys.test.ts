import { expect, test } from "@jest/globals";
import { CACHED, KEPT } from "../../../../lib/ports/keys.ts";

test("keys and how long they are kept are those of the table that operators know", () => {
  const named = [
    [CACHED.user.key("u"), CACHED.user.ttlMs],
    [CACHED.userSessions.key("u"), CACHED.userSessions.ttlMs],
    [CACHED.session.key("s"), CACHED.session.ttlMs],
    [CACHED.quota.key("u", "2026-11-29"), CACHED.quota.ttlMs],
    [CACHED.toolResult.key("web_fetch", "abc"), CACHED.toolResult.ttlMs],
  ];
  expect(named).toEqual([
    ["user:u", 3_600_000],
    ["user:u:sessions", 300_000],
    ["session:s", 600_000],
    ["quota:u:2026-11-29", 86_400_000],
    ["tool:web_fetch:abc", 3_600_000],
  ]);
  expect([KEPT.window("k"), KEPT.lock("k"), KEPT.presence]).toEqual(["rate:{k}", "lock:{k}", "online_users"]);
});
