import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type Client, register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { waitFor } from "../support/wait-for.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

describe("G9 slow readers", () => {
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
      const { body } = await user.call<{ run?: { status: string } }>("GET", `/agent/runs/${run}`);
      return body.run?.status === "completed";
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
