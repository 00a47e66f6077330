import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Service } from "moleculer";
import { connectWithin } from "../../../mixins/documents.ts";
import { sessionsService } from "../../../services/sessions.service.ts";
import { aUser, startTestBroker, type TestBroker } from "../../support/test-broker.ts";

describe("moleculer-db under the sessions", () => {
  let running: TestBroker;
  beforeAll(async () => {
    running = await startTestBroker([sessionsService()]);
  });
  afterAll(() => running.stop());

  const STOCK = ["find", "count", "list", "create", "insert", "get", "update", "remove"];
  test("none of its actions can be called: neither by a name of its own nor as one of ours", async () => {
    const { broker } = running;
    const sessions = broker.getLocalService("sessions") as Service;
    const ours = Object.values(sessions.schema.actions ?? {}).map(
      (action) => (action as { access?: object }).access,
    );
    expect(ours.every((access) => access !== undefined)).toBe(true);
    const service = { ...aUser(), service: "agent" };
    const ask = (name: string, params: object) =>
      broker.call(name, params, { meta: { identity: running.identity.sign(service) } });
    for (const name of STOCK) {
      const isOurs = Object.keys(sessions.schema.actions ?? {}).includes(name);
      await expect(
        ask(`sessions.${name}`, { query: { user_id: { $gt: "" } }, pageSize: 1, entity: {} }),
      ).rejects.toMatchObject({
        type: isOurs ? "invalid_request" : "SERVICE_NOT_FOUND",
      });
    }
  });

  test("nothing of it is offered over HTTP", () => {
    const sessions = running.broker.getLocalService("sessions") as Service;
    const offered = Object.values(sessions.schema.actions ?? {}).filter(
      (action) => "rest" in (action as object),
    );
    expect(offered).toEqual([]);
  });

  test("its methods work on the collection of the process", async () => {
    const sessions = running.broker.getLocalService("sessions") as Service & { adapter: unknown };
    expect(sessions.adapter).toBe(running.broker.core.ports.documents({ name: "sessions", indexes: [] }));
  });
});

describe("a collection that cannot be used", () => {
  test("that does not answer ends the start in words instead of being waited for", async () => {
    const never = () => new Promise<void>(() => undefined);
    await expect(connectWithin(5, "sessions", never)).rejects.toThrow(
      'The documents "sessions" cannot be used: no answer within 0.005 s',
    );
  });

  test("that refuses ends the start with the reason", async () => {
    const refuses = () => Promise.reject(new Error("the disk is full"));
    await expect(connectWithin(1_000, "sessions", refuses)).rejects.toThrow(
      '"sessions" cannot be used: the disk is full',
    );
  });
});
