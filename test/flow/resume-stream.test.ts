import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { auditEvents } from "../support/auditor.ts";
import { type AnyEvent, type Client, readEvents, register, textOf } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { waitFor } from "../support/wait-for.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

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
  });

  test("a reader who falls behind live is cut and can resume, one who reads a replay slowly is waited for", async () => {
    const user = await register(stack.server.url);
    const text = Array.from({ length: 1_600 }, () => "x".repeat(16_000));
    const gate = Promise.withResolvers<void>();
    stack.fake.script([{ text, gate: gate.promise }]);
    const [first] = await user.chat({ message: "much" }, { until: ({ event }) => event === "run" });
    const run = String(first?.data.run_id);
    const slow = await pausedReader(user, run);
    gate.resolve();
    await waitFor("the end of the run", async () => {
      const { body } = await user.call<{ run: { status: string } }>("GET", `/agent/runs/${run}`);
      return body.run.status === "completed";
    });
    const cut = await slow.rest();
    expect(cut).not.toContain("event: done");
    const last = Number([...cut.matchAll(/^id: (\d+)$/gm)].at(-2)?.[1]);
    const more = await user.events(run, last);
    expect([more[0]?.id, more.at(-1)?.event]).toEqual([last + 1, "done"]);
    const replay = await pausedReader(user, run);
    expect(await replay.rest()).toContain("event: done");
  });
});

/** A reader that takes nothing until `rest`, which reads to the end of the connection. */
async function pausedReader(user: Client, run: string): Promise<{ rest(): Promise<string> }> {
  const { hostname, port } = new URL(user.url);
  const socket = connect(Number(port), hostname);
  socket.write(
    `GET /api/v1/agent/runs/${run}/events HTTP/1.1\r\nHost: ${hostname}:${port}\r\n` +
      `Authorization: Bearer ${user.token}\r\nConnection: close\r\n\r\n`,
  );
  await once(socket, "readable");
  return {
    async rest() {
      const pieces: Buffer[] = [];
      try {
        for await (const piece of socket) pieces.push(piece as Buffer);
      } catch {
        // It was cut: what came before counts.
      }
      return Buffer.concat(pieces).toString();
    },
  };
}
