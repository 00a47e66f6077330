// Where a user is signed in, and the end of one of these logins.
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Client, register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

type Login = { id: string; program: string | null; is_current: boolean; last_used_at: string };
const loginsOf = async (client: Client) =>
  (await client.call<{ logins: Login[] }>("GET", "/users/me/logins")).body.logins;

test("each is told with what has opened it; ended, it opens nothing, its streams end, and the others go on", async () => {
  const user = await register(stack.server.url);
  const other = new Client(stack.server.url);
  const { code } = (await user.call<{ code: string }>("POST", "/users/sign-in-codes")).body;
  const program = `Mozilla/5.0 (Macintosh) Firefox/145.0 ${"x".repeat(300)}`;
  const signedIn = await other.call<{ access_token: string; refresh_token: string }>(
    "POST",
    "/users/sign-in",
    { code },
    { "user-agent": program },
  );
  other.token = signedIn.body.access_token;
  const gate = Promise.withResolvers<void>();
  stack.fake.script([{ text: ["a", "b"], gate: gate.promise, gateAfter: 1 }]);
  const stream = other.chat({ message: "go on" });
  const seen = await loginsOf(user);
  expect(seen).toHaveLength(2);
  const [mine, theirs] = [
    seen.find(({ is_current }) => is_current),
    seen.find(({ is_current }) => !is_current),
  ];
  expect(theirs?.program).toBe(program.slice(0, 200));
  expect(await loginsOf(other)).toMatchObject([{ is_current: true }, { id: mine?.id, is_current: false }]);
  const end = (client: Client) => client.call("DELETE", `/users/me/logins/${theirs?.id}`);
  const stranger = await register(stack.server.url);
  expect(await end(stranger)).toMatchObject({ status: 404, body: { code: "login_not_found" } });
  expect((await end(user)).status).toBe(204);
  const events = await stream.catch(() => []);
  expect(events.some(({ event }) => event === "done")).toBe(false);
  gate.resolve();
  expect((await other.call("GET", "/users/me")).status).toBe(401);
  const { refresh_token } = signedIn.body;
  const again = await new Client(stack.server.url).call("POST", "/users/refresh", { refresh_token });
  expect(again).toMatchObject({ status: 401, body: { code: "refresh_invalid" } });
  expect(await end(user)).toMatchObject({ status: 404 });
  expect(await loginsOf(user)).toMatchObject([{ id: mine?.id, is_current: true }]);
});
