import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { pino } from "pino";
import { type DomainEvent, parseDomainEvent } from "../../../contracts/domain-events.ts";
import type { RunId, SessionId, UserId } from "../../../contracts/ids.ts";
import { sendDomainEvents, tellerOf } from "../../../lib/domain-events.ts";
import { type EmbeddedPorts, openEmbeddedPorts } from "../../../lib/embedded/open-embedded-ports.ts";
import { AppError } from "../../../lib/errors.ts";
import type { Outlet } from "../../../lib/ports/outlet.ts";
import { waitFor } from "../../support/wait-for.ts";

let home: string;
let ports: EmbeddedPorts;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "macjarvis-events-"));
  ports = openEmbeddedPorts({ home });
});
afterEach(async () => {
  await ports.close();
  await rm(home, { recursive: true });
});

const user_id = "usr_1" as UserId;
const MESSAGE = { session_id: "ses_1" as SessionId, user_id, role: "user" } as const;
const log = pino({ level: "silent" });

/** A program outside; refuses as often as it is told. */
function outsider(refusals = 0): { outlet: Outlet; heard: DomainEvent[] } {
  const heard: DomainEvent[] = [];
  let left = refusals;
  const publish = async (event: DomainEvent) => {
    left -= 1;
    if (left >= 0) throw new AppError("store_unavailable");
    heard.push(event);
    return true;
  };
  return { outlet: { hears: () => true, publish }, heard };
}

test("what nobody can hear is not written: alone, a turn tells nothing, and an account is told to the log", async () => {
  const tell = tellerOf(ports.work, ports.outlet, "agent");
  const seen: unknown[] = [];
  ports.work.handle("domain-events", async ({ payload }) => void seen.push(payload));
  await tell("message.sent", { ...MESSAGE, message_id: "msg_1" as never }, { once: "msg_1" });
  await tell("session.created", { session_id: MESSAGE.session_id, user_id }, { once: "ses_1" });
  await tell("user.registered", { user_id, plan: "free" }, { once: user_id });
  await waitFor("the account is told", () => seen.length > 0);
  expect(seen).toEqual([
    expect.objectContaining({ type: "user.registered", data: { user_id, plan: "free" } }),
  ]);
});

test("what happens once is the same event however often it is told, and others are their own", async () => {
  const { outlet, heard } = outsider();
  const tell = tellerOf(ports.work, outlet, "sessions");
  sendDomainEvents(ports.work, outlet, log);
  for (const once of ["ses_1", "ses_1", "ses_2"]) {
    await tell("session.created", { session_id: once as SessionId, user_id }, { once });
    await waitFor("it has come", () =>
      heard.some(({ data }) => (data as { session_id: string }).session_id === once),
    );
  }
  await tell("session.created", { session_id: "ses_1" as SessionId, user_id }, { once: "ses_1" });
  await waitFor("the repeat has come", () => heard.length >= 3);
  expect(new Set(heard.map(({ id }) => id)).size).toBe(2);
});

test("what finds no way out is tried again", async () => {
  const { outlet, heard } = outsider(1);
  sendDomainEvents(ports.work, outlet, log);
  const data = { run_id: "run_1" as RunId, message_id: "msg_1" as never, ...MESSAGE };
  await tellerOf(ports.work, outlet, "agent")("message.sent", data, {
    once: "msg_1",
    at: "2026-11-29T10:00:00.000Z",
  });
  await waitFor("it has come", () => heard.length === 1);
  expect(heard[0]).toMatchObject({
    source: "agent",
    data,
    timestamp: "2026-11-29T10:00:00.000Z",
    version: 1,
  });
});

test("nothing goes out but what the event's type has", () => {
  const data = { ...MESSAGE, message_id: "msg_1" };
  const event = { id: "evt_1", type: "message.sent", source: "agent", data, version: 1 };
  const timestamp = "2026-11-29T10:00:00.000Z";
  expect(parseDomainEvent({ ...event, timestamp })).toMatchObject({ data });
  expect(() => parseDomainEvent({ ...event, timestamp, data: { ...data, content: "a secret" } })).toThrow(
    /content/,
  );
  expect(() => parseDomainEvent({ ...event, timestamp, token: "t" })).toThrow(/token/);
  expect(() => parseDomainEvent({ ...event, timestamp, type: "message.read" })).toThrow();
});
