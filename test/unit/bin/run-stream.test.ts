import { afterEach, describe, expect, test } from "@jest/globals";
import { Server } from "../../../bin/terminal/server.ts";
import type { Beginning, StreamOptions } from "../../../lib/client/run-stream.ts";
import {
  content,
  done,
  problem,
  type RemoteServer,
  type Reply,
  RUN,
  remoteServer,
  sendEvents,
} from "./remote-server.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function start(routes: Record<string, Reply>): Promise<RemoteServer> {
  const remote = await remoteServer(routes);
  closing.push(remote.close);
  return remote;
}

async function read(url: string, beginning: Beginning, options: StreamOptions = {}): Promise<string[]> {
  const seen: string[] = [];
  for await (const { event, data } of new Server({ url, key: "k" }).events(beginning, {
    pauses: [1],
    ...options,
  }))
    seen.push(event === "content" ? data.text : event);
  return seen;
}

describe("the events of a run", () => {
  test("a connection that is cut is resumed after the last event, nothing is missed or repeated", async () => {
    const remote = await start({
      "POST /agent/chat": (_asked, response) => {
        sendEvents(response, [RUN, content("a")]);
        response.write("id: 3\nevent: content\nda", () => response.destroy());
      },
      "GET /agent/runs/run_1/events": ({ headers }, response) => {
        if (headers["last-event-id"] === "2") {
          sendEvents(response, [content("b")], 3);
          setImmediate(() => response.destroy());
        } else {
          sendEvents(response, [content("c"), done()], Number(headers["last-event-id"]) + 1);
          response.end();
        }
      },
    });
    const states: string[] = [];
    const seen = await read(
      remote.url,
      { body: { message: "x" } },
      { onConnection: (state) => states.push(state) },
    );
    expect(seen).toEqual(["run", "a", "b", "c", "done"]);
    expect(states).toEqual(["lost", "back", "lost", "back"]);
    expect(remote.asked.map(({ headers }) => headers["last-event-id"])).toEqual([undefined, "2", "3"]);
  });

  test("a message whose connection broke before the first event is sent again under the same key", async () => {
    let tries = 0;
    const remote = await start({
      "POST /agent/chat": (_asked, response) => {
        tries += 1;
        if (tries > 1) return sendEvents(response, [RUN, done()]);
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write(": ping\n\n", () => response.destroy());
      },
    });
    expect(await read(remote.url, { body: { message: "x" } })).toEqual(["run", "done"]);
    const keys = remote.asked.map(({ headers }) => headers["idempotency-key"]);
    expect(keys).toHaveLength(2);
    expect(keys[0]).toBe(keys[1]);
  });

  test("a server that restarts answers 503 for a while, and the run goes on", async () => {
    let tries = 0;
    const remote = await start({
      "POST /agent/chat": (_asked, response) => {
        sendEvents(response, [RUN]);
        response.end();
      },
      "GET /agent/runs/run_1/events": (_asked, response) => {
        tries += 1;
        if (tries < 3) problem(response, 503, "shutting_down", "later");
        else sendEvents(response, [done()], 2);
      },
    });
    expect(await read(remote.url, { body: { message: "x" } })).toEqual(["run", "done"]);
  });

  test("a refusal is not repeated, and says what the server says", async () => {
    const remote = await start({
      "POST /agent/chat": (_asked, response) =>
        problem(response, 409, "session_busy", "Run run_9 is active."),
    });
    await expect(read(remote.url, { body: {} })).rejects.toMatchObject({
      type: "session_busy",
      message: "Run run_9 is active.",
    });
    expect(remote.asked).toHaveLength(1);
  });

  test("a limit says when it is worth another try", async () => {
    const remote = await start({
      "POST /agent/chat": (_asked, response) =>
        problem(response, 429, "rate_limited", "Too many runs.", { "retry-after": "42" }),
    });
    await expect(read(remote.url, { body: {} })).rejects.toMatchObject({
      message: "Too many runs. Again in 42 s.",
    });
  });

  test("a server that is not running is said at once, with the command that starts it", async () => {
    const remote = await remoteServer({});
    await remote.close();
    await expect(read(remote.url, { body: {} })).rejects.toMatchObject({
      message: expect.stringContaining("npm start"),
    });
  });

  test("a key the server does not know is said with the variables that change it", async () => {
    const remote = await start({
      "POST /agent/chat": (_asked, response) => problem(response, 401, "unauthenticated", "no"),
    });
    await expect(read(remote.url, { body: {} })).rejects.toMatchObject({
      message: expect.stringContaining("MACJARVIS_KEY"),
    });
  });

  test("something else on the port is told from MacJarvis", async () => {
    const remote = await start({
      "POST /agent/chat": (_asked, response) => void response.writeHead(404).end("<html>nginx</html>"),
    });
    await expect(read(remote.url, { body: {} })).rejects.toMatchObject({
      message: expect.stringContaining("is not this version of MacJarvis"),
    });
  });
});
