// The refresh token of a browser: in a cookie, asked for with `"cookie": true`, read by two routes, from our own pages only.
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type Answer, Client, register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";

type Pair = { access_token: string; refresh_token?: string; code?: string };
type Headers = Record<string, string>;

const LISTED = "https://console.example";
let stack: Stack;
let user: Awaited<ReturnType<typeof register>>;
let nobody: Client;
let origin: Headers;
beforeAll(async () => {
  stack = await startStack({
    ...{ TRUSTED_PROXIES: "127.0.0.1", ALLOWED_ORIGINS: LISTED, ALLOWED_HOSTS: "mac.example" },
  });
  user = await register(stack.server.url);
  nobody = new Client(stack.server.url);
  origin = { Origin: stack.server.url };
});
afterAll(() => stack.stop());

const outcome = ({ status, body }: Answer<Pair>) => `${status} ${body.code ?? "ok"}`;
const setCookie = ({ headers }: Answer<unknown>) => headers.getSetCookie().join("\n");
/** What a browser sends back. */
const cookieOf = (answer: Answer<unknown>): Headers => ({ Cookie: setCookie(answer).split(";")[0] ?? "" });
const logIn = (more: object = { cookie: true }, headers: Headers = origin) =>
  nobody.call<Pair>("POST", "/users/login", { email: user.email, password: user.password, ...more }, headers);
const refresh = (headers: Headers, body: object = {}) =>
  nobody.call<Pair>("POST", "/users/refresh", body, headers);
const logout = (headers: Headers, body: object = {}) =>
  nobody.call<Pair>("POST", "/users/logout", body, headers);
const CLEARED = /^[\w-]+=; Path=\/api\/v1\/users; HttpOnly; SameSite=Strict; Max-Age=0$/;

describe("a login by cookie", () => {
  test("has the token in the cookie alone, and goes on and ends by it", async () => {
    const first = await logIn();
    expect(Object.keys(first.body).toSorted()).toEqual(["access_token", "expires_in", "token_type", "user"]);
    expect(setCookie(first)).toMatch(
      /^macjarvis-refresh-\d+=mjr_[\w-]{43}; Path=\/api\/v1\/users; HttpOnly; SameSite=Strict; Max-Age=2592000$/,
    );
    const second = await refresh({ ...origin, ...cookieOf(first) });
    expect([outcome(second), second.body.refresh_token]).toEqual(["200 ok", undefined]);
    expect(cookieOf(second)).not.toEqual(cookieOf(first));
    const inside = new Client(stack.server.url, second.body.access_token);
    expect((await inside.call("GET", "/users/me")).status).toBe(200);
    const ended = await logout({ ...origin, ...cookieOf(second) });
    expect([ended.status, setCookie(ended)]).toEqual([204, expect.stringMatching(CLEARED)]);
    expect((await inside.call("GET", "/users/me")).status).toBe(401);
    expect(outcome(await refresh({ ...origin, ...cookieOf(second) }))).toBe("401 refresh_invalid");
  });

  test("is what registering and a sign-in code give too", async () => {
    const password = "correct horse battery 9";
    const registered = await nobody.call<Pair>("POST", "/users/register", {
      ...{ email: `cookie.${Date.now()}@example.com`, password, cookie: true },
    });
    const { body } = await user.call<{ code: string }>("POST", "/users/sign-in-codes", {});
    const signedIn = await nobody.call<Pair>("POST", "/users/sign-in", { code: body.code, cookie: true });
    for (const answer of [registered, signedIn]) {
      expect(answer.body.refresh_token).toBeUndefined();
      expect(outcome(await refresh({ ...origin, ...cookieOf(answer) }))).toBe("200 ok");
    }
  });

  test("bodies of programs stay as they are, whatever cookie comes with them", async () => {
    const browser = await logIn();
    const program = await logIn({}, {});
    expect([program.body.refresh_token, setCookie(program)]).toEqual([expect.stringMatching(/^mjr_/), ""]);
    const { refresh_token } = program.body;
    const next = await refresh(cookieOf(browser), { refresh_token });
    expect([outcome(next), setCookie(next)]).toEqual(["200 ok", ""]);
    const moved = await refresh({}, { refresh_token: next.body.refresh_token, cookie: true });
    expect([moved.body.refresh_token, setCookie(moved)]).toEqual([
      undefined,
      expect.stringContaining("=mjr_"),
    ]);
    expect(outcome(await refresh({}))).toBe("422 invalid_request");
    expect(outcome(await logout({}))).toBe("422 invalid_request");
    expect(outcome(await logIn({ cookie: "yes" }))).toBe("422 invalid_request");
    expect(outcome(await refresh({ ...origin, ...cookieOf(browser) }))).toBe("200 ok");
  });

  test("of two tabs one refreshes, and the other goes on with the cookie that is in the jar then", async () => {
    const jar = cookieOf(await logIn());
    const tabs = await Promise.all([refresh({ ...origin, ...jar }), refresh({ ...origin, ...jar })]);
    const won = tabs.find(({ status }) => status === 200);
    const lost = tabs.find(({ status }) => status !== 200);
    if (!won || !lost) throw new Error(tabs.map(outcome).join());
    expect([outcome(lost), setCookie(lost)]).toEqual(["401 refresh_raced", ""]);
    expect(outcome(await refresh({ ...origin, ...cookieOf(won) }))).toBe("200 ok");
  });

  test("opens nothing else, also not beside a credential that is none", async () => {
    const jar = cookieOf(await logIn());
    for (const [method, path] of [
      ["GET", "/users/me"],
      ["PUT", "/users/me"],
      ["POST", "/users/me/keys"],
      ["POST", "/users/sign-in-codes"],
      ["GET", "/sessions"],
    ] as const) {
      const body = method === "GET" ? undefined : { name: "x" };
      for (const more of [{}, { Authorization: "Bearer mj_none" }] as Headers[])
        expect((await nobody.call(method, path, body, { ...origin, ...jar, ...more })).status).toBe(401);
    }
    const [, token = ""] = (jar.Cookie ?? "").split("=");
    expect((await new Client(stack.server.url, token).call("GET", "/users/me")).status).toBe(401);
  });
});

describe("a page of somebody else", () => {
  test.each<[string, Headers]>([
    ["no origin", {}],
    ["another origin", { Origin: "https://evil.example" }],
    ["another port of this host", { Origin: "http://127.0.0.1:1" }],
    ["an origin that is none", { Origin: "null" }],
    ["what the browser calls another site", { Origin: "own", "Sec-Fetch-Site": "cross-site" }],
    ["what the browser calls the same site", { Origin: "own", "Sec-Fetch-Site": "same-site" }],
    ["what the browser calls no page at all", { Origin: "own", "Sec-Fetch-Site": "none" }],
  ])("with %s neither refreshes nor ends a login", async (_what, given) => {
    const jar = cookieOf(await logIn());
    const headers = { ...given, ...(given.Origin === "own" ? origin : {}), ...jar };
    for (const attempt of [await refresh(headers), await logout(headers)])
      expect([outcome(attempt), setCookie(attempt)]).toEqual(["403 origin_not_allowed", ""]);
    expect(outcome(await refresh({ ...origin, ...jar, "Sec-Fetch-Site": "same-origin" }))).toBe("200 ok");
  });

  test("an origin that an operator has named may, whatever the browser calls it", async () => {
    const jar = cookieOf(await logIn());
    const headers = { Origin: LISTED, "Sec-Fetch-Site": "same-site", ...jar };
    expect(outcome(await refresh(headers))).toBe("200 ok");
  });
});

describe("a cookie that is none of ours", () => {
  const named = async (value: string) => ({ Cookie: `${await jarName()}=${value}` });
  const jarName = async () => setCookie(await logIn()).split("=")[0];

  test.each(["", "mjr_", "mjr_none", "x".repeat(4_000), `mjr_${"a".repeat(43)}; a=b`, "\u00e9", '"mjr_x"'])(
    "with the value %j is refused and cleared",
    async (value) => {
      const answer = await refresh({ ...origin, ...(await named(value)) });
      expect([outcome(answer), setCookie(answer)]).toEqual([
        "401 refresh_invalid",
        expect.stringMatching(CLEARED),
      ]);
      const ended = await logout({ ...origin, ...(await named(value)) });
      expect([ended.status, setCookie(ended)]).toEqual([204, expect.stringMatching(CLEARED)]);
    },
  );

  test("that came twice is refused, whichever of them is right", async () => {
    const { Cookie: right } = cookieOf(await logIn());
    const name = right?.split("=")[0];
    for (const both of [
      `${right}; ${name}=mjr_${"a".repeat(43)}`,
      `${name}=x; ${right}`,
      `${right}; ${right}`,
    ]) {
      const answer = await refresh({ ...origin, Cookie: both });
      expect([outcome(answer), setCookie(answer)]).toEqual([
        "401 refresh_invalid",
        expect.stringMatching(CLEARED),
      ]);
    }
    expect(outcome(await refresh({ ...origin, Cookie: `${name}2=x; ${right}; x${name}=y` }))).toBe("200 ok");
  });

  test("where there is none, a page is told to log in; headers that are too large are refused", async () => {
    expect(outcome(await refresh(origin))).toBe("401 refresh_invalid");
    expect((await logout(origin)).status).toBe(204);
    const huge = await nobody.callAt<Pair>(
      "POST",
      "/api/v1/users/refresh",
      {},
      { ...origin, Cookie: `a=${"x".repeat(20_000)}` },
    );
    expect(outcome(huge)).toBe("431 headers_too_large");
  });
});

test.each<[string, Headers, RegExp]>([
  [
    "over TLS before a trusted proxy",
    { "X-Forwarded-Proto": "https" },
    /^__Secure-macjarvis-refresh=.*; Secure;/,
  ],
  [
    "to a name that is not this machine's",
    { Host: "mac.example" },
    /^__Secure-macjarvis-refresh=.*; Secure;/,
  ],
  [
    "over plain HTTP before a trusted proxy",
    { "X-Forwarded-Proto": "http" },
    /^macjarvis-refresh-\d+=[^;]+; Path=[^;]+; HttpOnly; SameSite=Strict; Max-Age=\d+$/,
  ],
])("the cookie of a login %s", async (_what, headers, wanted) => {
  const body = { email: user.email, password: user.password, cookie: true };
  const answer = await raw("POST", "/api/v1/users/login", body, headers);
  expect(answer.status).toBe(200);
  expect(answer.cookie).toMatch(wanted);
  const own = {
    Origin: `http://${headers.Host ?? stack.server.url.slice("http://".length)}`,
    Cookie: answer.cookie.split(";")[0] ?? "",
  };
  expect((await raw("POST", "/api/v1/users/refresh", {}, { ...headers, ...own })).status).toBe(200);
});

/** `fetch` sets Host itself. */
function raw(method: string, path: string, body: object, headers: Headers) {
  return new Promise<{ status: number; cookie: string }>((resolve, reject) => {
    const sent = request(`${stack.server.url}${path}`, {
      method,
      headers: { "Content-Type": "application/json", ...headers },
    });
    sent.once("response", (response) => {
      response.resume();
      resolve({
        status: response.statusCode ?? 0,
        cookie: (response.headers["set-cookie"] ?? []).join("\n"),
      });
    });
    sent.once("error", reject);
    sent.end(JSON.stringify(body));
  });
}
