import { afterEach, describe, expect, test } from "@jest/globals";
import { type CommandRoom, runCommand } from "../../../bin/chat/commands.ts";
import { Screen } from "../../../bin/terminal/screen.ts";
import { Server } from "../../../bin/terminal/server.ts";
import { json, type RemoteServer, type Reply, remoteServer } from "./remote-server.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const session =
  (active: string | null): Reply =>
  (_asked, response) =>
    json(response, 200, { session: { id: "ses_1", title: "Disks", active_run_id: active } });

async function room(routes: Record<string, Reply>) {
  const remote: RemoteServer = await remoteServer(routes);
  closing.push(remote.close);
  const shown: string[] = [];
  const followed: string[] = [];
  const output = { write: (text: string) => shown.push(text) };
  const commands: CommandRoom = {
    server: new Server({ url: remote.url, key: "k" }),
    screen: new Screen(output, output),
    conversation: { sessionId: "ses_1" },
    follow: async (run) => void followed.push(run),
  };
  return { commands, remote, followed, text: () => shown.join("") };
}

describe("the commands of the chat, where a run is under way in the session", () => {
  test("/open tells of it, /follow shows it, /cancel ends it", async () => {
    const { commands, remote, followed, text } = await room({
      "GET /sessions/ses_1": session("run_9"),
      "POST /agent/cancel/run_9": (_asked, response) => json(response, 202, { run: {} }),
    });
    await runCommand(commands, "/open ses_1");
    expect(text()).toContain("/follow shows it, /cancel ends it");
    await runCommand(commands, "/follow");
    expect(followed).toEqual(["run_9"]);
    await runCommand(commands, "/cancel");
    expect(remote.asked.at(-1)).toMatchObject({ method: "POST", path: "/agent/cancel/run_9" });
  });

  test("without one they say so", async () => {
    const { commands, followed, text } = await room({ "GET /sessions/ses_1": session(null) });
    await runCommand(commands, "/follow");
    await runCommand({ ...commands, conversation: {} }, "/cancel");
    expect(followed).toEqual([]);
    expect(text()).toBe("No run is under way in this session.\n".repeat(2));
  });
});
