// `npm run user` against the real server: an account from its making to its end.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Client } from "../support/client.ts";
import { environment } from "../support/environment.ts";
import { startServer, type TestServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

const ROOT = join(import.meta.dirname, "../..");

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.remove());

/** Not waited for by a blocked event loop: it must see the server close connections that were idle meanwhile. */
async function user(
  args: string[],
  { input = "", env = {} }: { input?: string; env?: Record<string, string> } = {},
) {
  const child = spawn(join(ROOT, "node_modules/.bin/node"), ["bin/user.ts", ...args], {
    cwd: ROOT,
    env: environment({ MACJARVIS_URL: server.url, MACJARVIS_HOME: server.home, ...env }),
  });
  child.stdin.end(input);
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit"),
  ]);
  return { status, stdout, stderr };
}

test("an account is made, found, given a plan, shut out and let in again", async () => {
  const password = "a long enough sentence 7";
  const made = await user(["create", "Ada@example.com", "--password-stdin"], { input: `${password}\n` });
  expect(made).toMatchObject({ status: 0, stdout: "The account ada@example.com is made.\n" });
  const login = () =>
    new Client(server.url).call("POST", "/users/login", { email: "ada@example.com", password });
  expect((await login()).status).toBe(200);
  expect((await user(["plan", "ada@example.com", "pro"])).stdout).toBe(
    "ada@example.com has the plan pro now.\n",
  );
  const { users } = JSON.parse((await user(["list", "ada", "--json"])).stdout);
  expect(users).toMatchObject([{ email: "ada@example.com", plan: "pro", role: "pro_user", disabled: false }]);
  expect((await user(["show", users[0].id.slice(-6)])).stdout).toContain("    runs_per_day: 2,000\n");
  expect((await user(["disable", "ada@example.com"], {})).status).toBe(1);
  expect((await login()).status).toBe(200);
  expect((await user(["disable", "ada@example.com", "--yes"])).status).toBe(0);
  expect((await login()).status).not.toBe(200);
  expect((await user(["enable", "ada@example.com"])).status).toBe(0);
  expect((await login()).status).toBe(200);
});

test("an account gets limits of its own, its usage is shown, and it is removed with a yes only", async () => {
  const { body } = await new Client(server.url).call<{ access_token: string }>("POST", "/users/register", {
    email: "cleo@example.com",
    password: "a long enough sentence 7",
  });
  const cleo = new Client(server.url, body.access_token);
  await cleo.chat({ message: "hello" });
  expect((await user(["limits", "cleo@example.com", "runs_per_day=2", "max_tools=none"])).stdout).toContain(
    "    runs_per_day: 2  own (plan: 200)\n",
  );
  expect((await user(["limits", "cleo@example.com", "max_tools=plan"])).stdout).not.toContain(
    "max_tools: unlimited",
  );
  const { limits } = JSON.parse((await user(["show", "cleo@example.com", "--json"])).stdout).user;
  expect(limits).toEqual({ runs_per_day: 2 });
  expect((await user(["usage", "cleo@example.com"])).stdout).toMatch(
    /today +1 [\s\S]*1 of 2 runs left today/,
  );
  expect((await user(["remove", "cleo@example.com"])).status).toBe(1);
  expect((await cleo.call("GET", "/users/me")).status).toBe(200);
  expect((await user(["remove", "cleo@example.com", "--yes"])).status).toBe(0);
  await waitFor("the removal", async () => (await user(["show", "cleo@example.com"])).status === 1);
  expect((await cleo.call("GET", "/users/me")).status).toBe(401);
});

test("without a password one is made and shown once", async () => {
  const { stdout } = await user(["create", "bob@example.com", "--json"]);
  const { password } = JSON.parse(stdout);
  const { status } = await new Client(server.url).call("POST", "/users/login", {
    email: "bob@example.com",
    password,
  });
  expect(status).toBe(200);
  expect((await user(["show", "bob@example.com"])).stdout).not.toContain(password);
});

test("refusals are words and exit codes: the last admin, a plan that is none, a user that is none, a key of somebody else", async () => {
  expect(await user(["role", "owner@localhost", "free_user"])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("the last admin"),
  });
  expect(await user(["plan", "bob@example.com", "nosuch"])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('There is no plan "nosuch". There are: '),
  });
  expect(await user(["usage", "nobody@example.com"])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("There is no user"),
  });
  expect((await user(["frobnicate"])).status).toBe(2);
  expect(await user(["list"], { env: { MACJARVIS_KEY: "mjk_wrong" } })).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("does not accept this key"),
  });
});
