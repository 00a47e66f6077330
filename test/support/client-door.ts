// What the tests of other people's clients share (test/doors/): a server with a user of it, keys, what became of runs, limits, and a restart
// that clients who ask again find at the same address.
import { Client, register } from "./client.ts";
import { type Stack, startStack } from "./stack.ts";
import { waitFor } from "./wait-for.ts";

type Run = { id: string; status: string; finish_reason: string | null; mode: string };

export type ClientDoor = {
  stack: Stack;
  user: Awaited<ReturnType<typeof register>>;
  /** A key with the scopes that a client of the door needs. */
  key: string;
  /** The user's runs, newest first. */
  runs(): Promise<Run[]>;
  /** Waits until the newest run has this status, and has ended where it is one of an end. */
  newestIs(status: string): Promise<void>;
  /** Works while the user may begin no further run today. */
  whileLimited(work: () => Promise<void>): Promise<void>;
  /** Kills the server and starts it at the same address. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

export async function openClientDoor(env: Record<string, string> = {}): Promise<ClientDoor> {
  const stack = await startStack({ FALLBACK_MODELS: "", ...env });
  const user = await register(stack.server.url);
  const made = await user.call<{ secret: string }>("POST", "/users/me/keys", {
    name: "client",
    scopes: ["chat", "sessions:read"],
  });
  const runs = async () => (await user.call<{ runs: Run[] }>("GET", "/agent/runs")).body.runs;
  return {
    stack,
    user,
    key: made.body.secret,
    runs,
    async newestIs(status) {
      await waitFor(`a run that is ${status}`, async () => (await runs())[0]?.status === status);
    },
    async whileLimited(work) {
      const admin = new Client(stack.server.url, await stack.server.ownerKey());
      await admin.call("PATCH", `/admin/users/${user.id}`, { limits: { runs_per_day: 1 } });
      await work();
      await admin.call("PATCH", `/admin/users/${user.id}`, { limits: null });
    },
    async restart() {
      await stack.restart({ PORT: new URL(stack.server.url).port });
    },
    stop: () => stack.stop(),
  };
}
