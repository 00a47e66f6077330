import { expect, test } from "@jest/globals";
import type { UserId } from "../../../../contracts/ids.ts";
import { processPresence } from "../../../../lib/embedded/presence.ts";
import { Metrics } from "../../../../lib/metrics.ts";
import type { Presence } from "../../../../lib/ports/presence.ts";
import { OnlineUsers } from "../../../../services/api/online-users.ts";
import { waitFor } from "../../../support/wait-for.ts";

const [ADA, BOB] = ["usr_ada", "usr_bob"] as [UserId, UserId];
const shown = (metrics: Metrics) => /^macjarvis_users_online (\d+)$/m.exec(metrics.text())?.[1];

function counted(presence: Presence): { presence: Presence; beats: string[] } {
  const beats: string[] = [];
  const beat = (member: string, ttlMs: number) => {
    beats.push(member);
    return presence.beat(member, ttlMs);
  };
  return { presence: { ...presence, beat }, beats };
}

test("users are there once each, whichever gateway they came through, and a busy one is told once a minute", async () => {
  const { presence, beats } = counted(processPresence());
  const [here, there] = [new Metrics(), new Metrics()];
  const [one, other] = [new OnlineUsers(presence, here), new OnlineUsers(presence, there)];
  for (let times = 0; times < 10; times += 1) one.seen(ADA);
  await waitFor("she is counted", () => shown(here) === "1");
  other.seen(ADA);
  other.seen(BOB);
  await waitFor("both are counted", () => shown(there) === "2");
  expect(beats).toEqual([ADA, ADA, BOB]);
});

test("a presence that fails leaves the last number, and is told at the next request", async () => {
  const { presence, beats } = counted(processPresence());
  let isAway = true;
  const beat = (member: string, ttlMs: number) =>
    isAway ? Promise.reject(new Error("away")) : presence.beat(member, ttlMs);
  const metrics = new Metrics();
  const online = new OnlineUsers({ ...presence, beat }, metrics);
  online.seen(ADA);
  await new Promise((resolve) => setImmediate(resolve));
  expect(shown(metrics)).toBe("0");
  isAway = false;
  online.seen(ADA);
  await waitFor("she is counted", () => shown(metrics) === "1");
  expect(beats).toEqual([ADA]);
});
