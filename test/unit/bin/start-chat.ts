// A chat in a test: a remote server that streams what the test gives it, keys that the test types, and what was shown.
import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { NodeNames, type StandingAnswer } from "../../../bin/chat/approvals.ts";
import { followRun, type Outcome } from "../../../bin/chat/follow-run.ts";
import { Screen } from "../../../bin/terminal/screen.ts";
import { Server } from "../../../bin/terminal/server.ts";
import { json, type RemoteServer, type Reply, remoteServer, sendEvents } from "./remote-server.ts";

/** A terminal without a window: keys are typed by the test. */
class Keys extends EventEmitter {
  isTTY = true;
  /** A pipe that is closed. */
  readableEnded = false;
  setRawMode(): void {}
  resume(): void {}
  pause(): void {}
  type(key: string): void {
    this.emit("data", Buffer.from(key));
  }
}

export type Chat = {
  remote: RemoteServer;
  keys: Keys;
  /** The open stream of events. */
  stream(): ServerResponse;
  shown: { out: string; notes: string };
  outcome: Promise<Outcome>;
};

/** Sends a message whose run begins with these events; the stream stays open for more. */
export async function startChat(
  first: Parameters<typeof sendEvents>[1],
  {
    routes = {},
    answer,
    isTTY = true,
    isClosed = false,
    approval = undefined,
    giveUpMs = undefined,
  }: {
    routes?: Record<string, Reply>;
    answer?: StandingAnswer;
    isTTY?: boolean;
    isClosed?: boolean;
    approval?: object;
    giveUpMs?: number;
  } = {},
): Promise<Chat> {
  let stream: ServerResponse | undefined;
  const run = { steps: [{ tool_calls: [{ approval }] }] };
  const remote = await remoteServer({
    "POST /agent/chat": (_asked, response) => {
      stream = response;
      sendEvents(response, first);
    },
    "GET /nodes": (_asked, response) => json(response, 200, { nodes: [{ id: "nod_1", name: "studio" }] }),
    "POST /agent/runs/run_1/approvals/*": (_asked, response) => json(response, 200, { approval: {} }),
    "GET /agent/runs/run_1": (_asked, response) => json(response, 200, { run }),
    "POST /agent/cancel/run_1": (_asked, response) => json(response, 202, { run: {} }),
    ...routes,
  });
  const shown = { out: "", notes: "" };
  const keys = new Keys();
  keys.isTTY = isTTY;
  keys.readableEnded = isClosed;
  const server = new Server({ url: remote.url, key: "k" });
  const screen = new Screen(
    {
      write: (text) => {
        shown.out += text;
      },
    },
    {
      write: (text) => {
        shown.notes += text;
      },
    },
  );
  const outcome = followRun(
    {
      server,
      screen,
      nodes: new NodeNames(server),
      answer,
      input: keys,
      stream: { pauses: [1], ...(giveUpMs === undefined ? {} : { giveUpMs }) },
    },
    { body: { message: "x" } },
  );
  return { remote, keys, shown, outcome, stream: () => stream as ServerResponse };
}
