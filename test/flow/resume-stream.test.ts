import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { auditEvents, auditRecords } from "../support/auditor.ts";
import { type AnyEvent, readEvents, register, textOf } from "../support/client.ts";
import { onCluster } from "../support/on-cluster.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { testUnless } from "../support/unless.ts";
import { waitFor } from "../support/wait-for.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const onEmbedded = onCluster(
  "it changes files of events; what NATS has lost or removed: any-replica, nats-run-events",
);

describe("G9 event streams resume", () => {
  test("cut 100 times, also over a restart, the pieces equal an uncut reading", async () => {
    const user = await register(stack.server.url);
    stack.fake.script([{ text: Array.from({ length: 300 }, (_, index) => `piece ${index} `), delayMs: 3 }]);
    const [first] = await user.chat(
      { message: "talk for long" },
      { until: (event) => event.event === "run" },
    );
    const run = String(first?.data.run_id);
    const pieces: AnyEvent[] = first ? [first] : [];
    for (let cut = 0; pieces.at(-1)?.event !== "done"; cut += 1) {
      const after = pieces.at(-1)?.id ?? 0;
      let read = 0;
      const more = await user.events(run, after, () => {
        read += 1;
        return read >= 1 + (cut % 5);
      });
      pieces.push(...more);
      if (cut === 20) {
        stack.fake.script([
          { text: Array.from({ length: 300 }, (_, index) => `piece ${index} `), delayMs: 1 },
        ]);
        await stack.restart();
        user.url = stack.server.url;
      }
    }
    expect(auditEvents(pieces)).toEqual([]);
    const uncut = await user.events(run);
    expect(pieces).toEqual(uncut);
    const { body } = await user.call<{ messages: { content: string }[] }>(
      "GET",
      `/sessions/${first?.data.session_id}/messages`,
    );
    expect(body.messages[1]?.content).toBe(textOf(uncut));
  });

  test("after done there is nothing more, beyond the end is a mistake, and so is what is no number", async () => {
    const user = await register(stack.server.url);
    const events = await user.chat({ message: "short" });
    const path = `/agent/runs/${events[0]?.data.run_id}/events`;
    const last = events.at(-1)?.id ?? 0;
    expect((await user.call("GET", `${path}?after=${last}`)).status).toBe(204);
    expect((await user.call("GET", `${path}?after=${last + 1}`)).status).toBe(422);
    expect((await user.call("GET", `${path}?after=x`)).status).toBe(422);
    expect((await user.call("GET", path, undefined, { "Last-Event-ID": "-1" })).status).toBe(422);
  });

  test("Last-Event-ID wins over ?after, and an empty or a second one is a mistake", async () => {
    const user = await register(stack.server.url);
    const events = await user.chat({ message: "short" });
    const path = `/agent/runs/${events[0]?.data.run_id}/events`;
    const resumed = await user.open("GET", `${path}?after=9999`, undefined, { "Last-Event-ID": "2" });
    expect((await readEvents(resumed))[0]?.id).toBe(3);
    for (const query of ["?after=", "?after=1&after=2", "?after=1.5", "?after=1&other=1"])
      expect((await user.call("GET", `${path}${query}`)).status).toBe(422);
    expect((await user.call("GET", path, undefined, { "Last-Event-ID": "" })).status).toBe(422);
    for (const [query, header, at] of [
      ["?after=x", {}, "after"],
      ["?after=9999", {}, "after"],
      ["?after=1", { "Last-Event-ID": "x" }, "Last-Event-ID"],
    ] as const)
      expect((await user.call("GET", `${path}${query}`, undefined, header)).body).toMatchObject({
        errors: [{ path: at }],
      });
  });

  testUnless(onEmbedded)(
    "an hour after the end it is 410, also for the key that would attach to the run; the messages stay",
    async () => {
      const user = await register(stack.server.url);
      const headers = { "Idempotency-Key": "old" };
      const events = await user.chat({ message: "long ago" }, { headers });
      const { run_id, session_id } = events[0]?.data ?? {};
      await whenClosed(String(run_id));
      const waiting = await heldRun(user);
      await changeSegment((text) =>
        // The time at which the record with `done` was written.
        text.replace(
          new RegExp(`^(@${run_id} \\d+ \\d+ \\d+ \\d+ )\\d+( 1 \\d+)$`, "m"),
          `$1${Date.now() - 3_601_000}$2`,
        ),
      );
      user.url = stack.server.url;
      const gone = await user.call("GET", `/agent/runs/${run_id}/events`);
      expect([gone.status, gone.body]).toMatchObject([410, { code: "events_expired" }]);
      const again = await user.call("POST", "/agent/chat", { message: "long ago" }, headers);
      expect([again.status, again.body]).toMatchObject([410, { code: "events_expired" }]);
      const sync = await user.call<{ run_id: string }>(
        "POST",
        "/agent/chat/sync",
        { message: "long ago" },
        headers,
      );
      expect([sync.status, sync.body.run_id]).toEqual([200, run_id]);
      expect((await user.call("GET", `/sessions/${session_id}/messages`)).status).toBe(200);
      // Its neighbours in the same file are kept until their own hour is over.
      expect((await user.events(waiting, 0, isRun)).map(({ event }) => event)).toEqual(["run"]);
      await user.call("POST", `/agent/cancel/${waiting}`);
      expect(auditEvents(await user.events(waiting))).toEqual([]);
    },
  );

  testUnless(onEmbedded)(
    "events that a power cut took from the end are told anew: every stream still ends with done",
    async () => {
      const user = await register(stack.server.url);
      const events = await user.chat({ message: "whole" });
      const run = String(events[0]?.data.run_id);
      await whenClosed(run);
      await changeSegment((text) => {
        const end = text.lastIndexOf("event: done");
        return text.slice(0, end) + "\0".repeat(500);
      });
      user.url = stack.server.url;
      const again = await user.events(run);
      expect(auditEvents(again)).toEqual([]);
      expect(again.at(-1)?.data).toEqual(events.at(-1)?.data);
      const usage = await user.call<{ today: { requests: number } }>("GET", "/users/me/usage");
      expect(usage.body.today.requests).toBe(1);
      await stack.server.kill("SIGTERM");
      expect(auditRecords(await stack.records())).toEqual([]);
    },
  );
});

const isRun = (event: AnyEvent) => event.event === "run";

/** A run whose model does not answer, now or later. */
async function heldRun(user: Awaited<ReturnType<typeof register>>): Promise<string> {
  stack.fake.script(({ heard }) =>
    heard.message === "hold" ? { gate: new Promise(() => undefined) } : undefined,
  );
  const [first] = await user.chat({ message: "hold" }, { until: isRun });
  return String(first?.data.run_id);
}

/** Nobody has to look at the run again: a crash from then on touches nothing of it. */
async function whenClosed(run: string): Promise<void> {
  await waitFor("the run is closed in the database", async () =>
    (await stack.records()).runs.some(({ _id, open }) => _id === run && open === null),
  );
}

/** Changes the newest file of events while the server is down. */
async function changeSegment(change: (text: string) => string): Promise<void> {
  await stack.server.kill("SIGKILL");
  const folder = join(stack.server.home, "events");
  const name =
    (await readdir(folder))
      .filter((file) => file.endsWith(".log"))
      .toSorted()
      .at(-1) ?? "";
  await writeFile(join(folder, name), change(await readFile(join(folder, name), "utf8")));
  await stack.restart();
}
