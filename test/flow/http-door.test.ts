// What stands before every route: hosts, origins, credentials in addresses, methods, bodies, odd HTTP (G19, G20).
import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { register } from "../support/client.ts";
import { type RawAnswer, rawRequest } from "../support/raw-http.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { waitFor } from "../support/wait-for.ts";

let stack: Stack;
let user: Awaited<ReturnType<typeof register>>;
let host: string;

beforeAll(async () => {
  stack = await startStack({ ALLOWED_HOSTS: "macjarvis.lan", ALLOWED_ORIGINS: "https://console.example" });
  user = await register(stack.server.url);
  host = new URL(stack.server.url).host;
});
afterAll(() => stack.stop());

/** A request line and headers as they are. */
function send(
  line: string,
  headers: string[] = [`Host: ${host}`],
  body: string | Buffer = "",
): Promise<RawAnswer> {
  const head = `${line} HTTP/1.1\r\n${headers.map((header) => `${header}\r\n`).join("")}\r\n`;
  return rawRequest(stack.server.url, Buffer.concat([Buffer.from(head, "latin1"), Buffer.from(body)]));
}

const codeOf = ({ body }: RawAnswer) =>
  body.startsWith("{") ? (JSON.parse(body) as { code?: string }).code : "";
const LIVE = "/api/v1/health/live";

function post(path: string, body: string | Buffer, headers: string[] = ["Content-Type: application/json"]) {
  const all = [`Host: ${host}`, `Authorization: Bearer ${user.token}`, ...headers];
  return send(`POST /api/v1${path}`, [...all, `Content-Length: ${Buffer.byteLength(body)}`], body);
}

/** All that is logged once the line of this answer is there. */
function logAfter({ headers }: RawAnswer): Promise<string> {
  const id = String(headers["x-request-id"]);
  return waitFor(`the line of ${id}`, () => stack.server.output().includes(id) && stack.server.output());
}

describe("G20 hosts", () => {
  test.each(["localhost", "LOCALHOST:1", "127.0.0.1", "[::1]:3000", "macjarvis.lan", "MacJarvis.LAN:443"])(
    "%s is served",
    async (name) => {
      expect((await send(`GET ${LIVE}`, [`Host: ${name}`])).status).toBe(200);
    },
  );

  test.each([
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "localhost.",
    "0.0.0.0",
    "127.1",
    "[::1]evil.example",
    "[::ffff:127.0.0.1]",
    "localhost:80@evil.example",
    "localhost:port",
    "user@localhost",
    "localhost/x",
    "",
  ])("%s is not", async (name) => {
    expect(codeOf(await send(`GET ${LIVE}`, [`Host: ${name}`]))).toMatch(/host_not_allowed|bad_request/);
  });

  test("none and two are no valid requests", async () => {
    expect(codeOf(await send(`GET ${LIVE}`, []))).toBe("bad_request");
    expect(codeOf(await send(`GET ${LIVE}`, ["Host: localhost", "Host: evil.example"]))).toBe("bad_request");
  });

  test("an absolute target counts as the host, and is refused with a user in it, which nothing logs", async () => {
    expect((await send(`GET http://${host}${LIVE}`)).status).toBe(200);
    expect(codeOf(await send(`GET http://evil.example${LIVE}`))).toBe("host_not_allowed");
    const withUser = await send(`GET http://me:canary-in-userinfo@${host}${LIVE}`);
    expect(codeOf(withUser)).toBe("credential_in_url");
    expect(withUser.body + (await logAfter(withUser))).not.toContain("canary-in-userinfo");
  });
});

describe("G20 origins", () => {
  const own = () => `http://${host}`;
  const asking = (origin: string, method = "GET", more: string[] = []) =>
    send(`${method} ${LIVE}`, [`Host: ${host}`, `Origin: ${origin}`, ...more]);

  test("its own and listed ones are served and told so", async () => {
    for (const origin of [own(), "https://console.example"]) {
      const { status, headers } = await asking(origin);
      expect(status).toBe(200);
      expect(headers).toMatchObject({ "access-control-allow-origin": origin, vary: "Origin" });
      expect(headers["access-control-allow-credentials"]).toBeUndefined();
      expect(headers["access-control-expose-headers"]).toContain("X-RateLimit-Limit");
    }
  });

  test.each([
    "null",
    "http://evil.example",
    "http://localhost:1",
    "http://127.0.0.1",
    "https://console.example.evil.example",
    "http://console.example",
    "file://",
    "",
    "*",
  ])("%s is not, on loopback too, and a preflight neither", async (origin) => {
    expect(codeOf(await asking(origin))).toBe("origin_not_allowed");
    const preflight = await asking(origin, "OPTIONS", ["Access-Control-Request-Method: POST"]);
    expect(codeOf(preflight)).toBe("origin_not_allowed");
    expect(preflight.headers["access-control-allow-origin"]).toBeUndefined();
  });

  test("a preflight of its own origin is told methods and headers", async () => {
    const { status, headers } = await asking(own(), "OPTIONS", ["Access-Control-Request-Method: POST"]);
    expect(status).toBe(204);
    expect(headers["access-control-allow-methods"]).toContain("PATCH");
    expect(headers["access-control-allow-headers"]).toContain("Idempotency-Key");
  });
});

describe("G20 credentials in addresses", () => {
  test.each([
    "access_token",
    "token",
    "api_key",
    "apikey",
    "key",
    "password",
    "secret",
    "Authorization",
    "%61ccess_token",
    "a=1&token",
    "a=1;token",
  ])("%s=… is refused before anything reads it, and not logged", async (name) => {
    const answer = await send(`GET ${LIVE}?${name}=canary-in-query`);
    expect([answer.status, codeOf(answer)]).toEqual([400, "credential_in_url"]);
    expect(answer.body + (await logAfter(answer))).not.toContain("canary-in-query");
  });

  test("a key that somebody put into a path is not logged, wherever and however it is written there", async () => {
    const key = await stack.server.ownerKey();
    const secret = key.slice(key.indexOf("_") + 1);
    const escaped = [...key].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join("");
    const places = [
      `/${key}`,
      `/api/v1/${key}`,
      `/${key}/x`,
      `/a.${key}`,
      `/${key.replace("_", "%5F")}`,
      `/${escaped}`,
    ];
    for (const path of [...places, `/api/v1/sessions/${key}`, `/api/v1/tools/${key}/execute`, `//${key}`]) {
      const log = await logAfter(await send(`GET ${path}`));
      expect(log).not.toContain(secret);
      expect(log).not.toContain(escaped);
    }
  });
});

describe("two credentials", () => {
  test("are none, whichever of them is valid", async () => {
    const valid = `Authorization: Bearer ${user.token}`;
    for (const pair of [
      [valid, "Authorization: Bearer other"],
      ["Authorization: Basic other", valid],
      [valid, valid],
    ]) {
      const answer = await send("GET /api/v1/users/me", [`Host: ${host}`, ...pair]);
      expect([answer.status, codeOf(answer)]).toEqual([401, "unauthenticated"]);
    }
  });
});

describe("wrong credentials", () => {
  test("are limited, and do not shut out who sends a valid one from the same address", async () => {
    const ask = (token: string) =>
      fetch(`${stack.server.url}/api/v1/users/me`, { headers: { Authorization: `Bearer ${token}` } });
    const statuses = new Set<number>();
    await waitFor("one is refused by the limit", async () => {
      const answers = await Promise.all(
        Array.from({ length: 100 }, (_, index) => ask(`mj_${"a".repeat(40)}${index}`)),
      );
      for (const { status } of answers) statuses.add(status);
      return statuses.has(429);
    });
    expect([...statuses].sort()).toEqual([401, 429]);
    expect((await ask(user.token ?? "")).status).toBe(200);
  });
});

describe("methods", () => {
  test("HEAD answers like GET without a body", async () => {
    const get = await send(`GET ${LIVE}`);
    const { status, headers } = await fetch(`${stack.server.url}${LIVE}`, { method: "HEAD" });
    expect([status, headers.get("content-length")]).toEqual([200, get.headers["content-length"]]);
    const events = await user.open("HEAD", "/agent/runs/run_none/events");
    expect(events.status).toBe(405);
  });

  test.each([
    ["/api/v1/plans", "GET, HEAD, OPTIONS"],
    ["/api/v1/users/login", "POST, OPTIONS"],
    ["/api/v1/sessions/ses_1", "GET, HEAD, PATCH, DELETE, OPTIONS"],
    ["/", "GET, HEAD, OPTIONS"],
    ["*", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"],
  ])("OPTIONS %s says what there is and does nothing", async (path, allow) => {
    const { status, headers, body } = await send(`OPTIONS ${path}`);
    expect([status, headers.allow, body]).toEqual([204, allow, ""]);
  });

  test.each(["/users/login", "/api/v1/users/Login", "/api/v1/users/login/", "/api/v1//users/login"])(
    "%s is one of the table's in another spelling: 404, and told which is meant",
    async (path) => {
      const answer = await send(`POST ${path}`);
      expect([answer.status, codeOf(answer)]).toEqual([404, "not_found"]);
      expect(answer.body).toContain("Perhaps you mean /api/v1/users/login.");
    },
  );

  test("a path is what was sent, also behind an authority", async () => {
    const around = await send(`GET http://${host}/api/v1/x/../health/live`);
    expect([around.status, codeOf(around)]).toEqual([404, "not_found"]);
    // Without a path it is the root.
    const root = await send(`GET http://${host}?x=1`);
    expect([root.status, root.headers["content-type"]]).toEqual([200, "text/plain; charset=utf-8"]);
  });

  test.each(["TRACE", "PROPFIND", "DELETE", "PUT"])(
    "%s where only GET is: 405 with what there is",
    async (method) => {
      const answer = await send(`${method} /api/v1/plans`);
      expect([answer.status, codeOf(answer), answer.headers.allow]).toEqual([
        405,
        "method_not_allowed",
        "GET, HEAD",
      ]);
    },
  );

  test("the server's own address tells a person what to do next", async () => {
    const { status, headers, body } = await send("GET /");
    expect([status, headers["content-type"]]).toEqual([200, "text/plain; charset=utf-8"]);
    expect(body).toContain("npm run chat");
  });
});

describe("G19 bodies", () => {
  const nested = (depth: number) => `{"args":{"a":${"[".repeat(depth)}{"__proto__":1}${"]".repeat(depth)}}}`;
  test.each([
    ["__proto__", '{"__proto__":{"role":"admin"}}', "__proto__"],
    ["__proto__ in escapes", '{"\\u005f_proto__":1}', "__proto__"],
    ["constructor within a list", '{"tags":[{"constructor":1}]}', "tags.0.constructor"],
    ["prototype", '{"prototype":1}', "prototype"],
    ["what is nested deeper than a stack", nested(200_000), expect.stringMatching(/^args\.a\.0/)],
    ["an operator instead of a text", '{"title":{"$gt":""}}', "title"],
    ["a list instead of a text", '{"title":["a"]}', "title"],
    ["a field of the server's own", '{"title":"a","user_id":"usr_1"}', "user_id"],
    ["no object", "[]", ""],
    ["null", "null", ""],
  ])("%s is 422 with its path", async (_name, body, path) => {
    const answer = await post("/sessions", body);
    expect(answer.status).toBe(422);
    expect(JSON.parse(answer.body)).toMatchObject({ code: "invalid_request", errors: [{ path }] });
  });

  test("an answer about many faults stays small", async () => {
    const keys = Array.from({ length: 100_000 }, (_, index) => `"key${index}":1`).join();
    const answer = await post("/sessions", `{${keys}}`);
    expect(answer.status).toBe(422);
    expect(answer.body.length).toBeLessThan(10_000);
  });

  const many = (one: string) => `{"title":"a","x":[${Array(30_000).fill(one).join()}]}`;
  test.each([
    ["objects", many('{"a":{}}')],
    ["numbers", many("1")],
    ["lists", many("[[]]")],
    ["lists, deep and wide", `{"x":${"[[],".repeat(30_000)}1${"]".repeat(30_000)}}`],
    ["keys", `{${Array.from({ length: 30_000 }, (_, index) => `"k${index}":{}`).join()}}`],
  ])("of too many %s are refused before anything is made of them", async (_name, body) => {
    const answer = await post("/sessions", body);
    expect(answer.status).toBe(422);
    expect(answer.body).toContain("A body may hold 20000 values.");
  });

  test("a long text is one value, whatever is in it", async () => {
    const made = await post("/sessions", "{}");
    const { session } = JSON.parse(made.body) as { session: { id: string } };
    const content = `{"a":[1,2,"\\""]},`.repeat(40_000);
    const answer = await post(`/sessions/${session.id}/messages`, JSON.stringify({ role: "user", content }));
    expect(answer.status).toBe(201);
  });

  test.each(["gzip, chunked", "chunked, identity", "identity", "CHUNKED, chunked"])(
    "with Transfer-Encoding: %s are not read",
    async (coding) => {
      const auth = [`Host: ${host}`, `Authorization: Bearer ${user.token}`, "Content-Type: application/json"];
      const body = "2\r\n{}\r\n0\r\n\r\n";
      const answer = await send("POST /api/v1/sessions", [...auth, `Transfer-Encoding: ${coding}`], body);
      expect([answer.status, codeOf(answer)]).toEqual([400, "bad_request"]);
    },
  );

  test("what is no UTF-8 is no JSON, and what is compressed is not read", async () => {
    const latin1 = Buffer.from('{"title":"\xe4"}', "latin1");
    expect(codeOf(await post("/sessions", latin1))).toBe("invalid_json");
    const gzip = ["Content-Type: application/json", "Content-Encoding: gzip"];
    expect(codeOf(await post("/sessions", "{}", gzip))).toBe("unsupported_media_type");
    expect((await post("/sessions", "", [])).status).toBe(201);
  });

  test("a body that is too large is refused before it is sent, or at the chunk that is too much", async () => {
    const auth = [`Host: ${host}`, `Authorization: Bearer ${user.token}`, "Content-Type: application/json"];
    const line = "POST /api/v1/sessions";
    const declared = await send(line, [...auth, "Content-Length: 99999999", "Expect: 100-continue"]);
    expect([declared.status, codeOf(declared)]).toEqual([413, "body_too_large"]);
    const chunk = `${(11 * 1024 * 1024).toString(16)}\r\n${" ".repeat(11 * 1024 * 1024)}\r\n`;
    const chunked = await send(line, [...auth, "Transfer-Encoding: chunked"], chunk);
    expect([chunked.status, codeOf(chunked)]).toEqual([413, "body_too_large"]);
    const waiting = await send(line, [...auth, "Content-Length: 2", "Expect: 100-continue"]);
    expect(waiting.status).toBe(100);
  });

  test.each(["q[$gt]=1", "limit=1&limit=2", "__proto__=1", "constructor=1", "limit[]=1"])(
    "?%s is 422",
    async (query) => {
      const answer = await send(`GET /api/v1/sessions?${query}`, [
        `Host: ${host}`,
        `Authorization: bearer ${user.token}`,
      ]);
      expect([answer.status, codeOf(answer)]).toEqual([422, "invalid_request"]);
    },
  );
});

describe("what is behind a request on the same connection", () => {
  /** The last request: it asks for an end where the server has not made one. */
  const live = () => `GET ${LIVE} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
  /** Status and code of all answers to these bytes, in their order, until the server says no more. @param isOnly whether there is one, after which we end the connection */
  async function answersTo(bytes: string, isOnly = false): Promise<string[]> {
    const socket = connect(Number(new URL(stack.server.url).port), "127.0.0.1");
    let received = "";
    socket.on("data", (data: Buffer) => (received += data.toString("latin1")));
    socket.on("error", () => undefined);
    socket.write(Buffer.from(bytes, "latin1"));
    if (isOnly) socket.once("data", () => socket.end());
    await once(socket, "close");
    return received
      .split("HTTP/1.1 ")
      .slice(1)
      .map((text) => `${text.slice(0, 3)} ${/"code":"(\w+)"/.exec(text)?.[1] ?? ""}`.trim());
  }
  const post = (headers: string[], body: string) =>
    `POST /api/v1/users/login HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n${headers.join("\r\n")}\r\n\r\n${body}`;

  test.each([
    ["two lengths", ["Content-Length: 2", "Content-Length: 0"], "{}"],
    ["the same length twice", ["Content-Length: 2", "Content-Length: 2"], "{}"],
    ["a list of lengths", ["Content-Length: 2, 2"], "{}"],
    ["a signed length", ["Content-Length: +2"], "{}"],
    ["a length in hexadecimal", ["Content-Length: 0x2"], "{}"],
    ["a length beyond all", ["Content-Length: 99999999999999999999"], "{}"],
    ["length and chunks", ["Content-Length: 6", "Transfer-Encoding: chunked"], "0\r\n\r\n"],
    ["an unknown coding", ["Transfer-Encoding: xchunked"], "0\r\n\r\n"],
    ["chunks that are not last", ["Transfer-Encoding: chunked, gzip"], "0\r\n\r\n"],
    ["a space before the colon", ["Transfer-Encoding : chunked"], "0\r\n\r\n"],
    ["bare line feeds in chunks", ["Transfer-Encoding: chunked"], "2\n{}\n0\n\n"],
    ["a chunk larger than numbers", ["Transfer-Encoding: chunked"], "fffffffffffffffff\r\n{}"],
    ["a folded header", ["X: a\r\n b", "Content-Length: 2"], "{}"],
    ["a NUL in a header", ["X: a\0b", "Content-Length: 2"], "{}"],
  ])("is not read after %s", async (_name, headers, body) => {
    expect(await answersTo(post(headers, body) + live())).toEqual(["400 bad_request"]);
  });

  test("is answered after a body where none was wanted, and after trailers", async () => {
    const trailers = "2\r\n{}\r\n0\r\nHost: evil.example\r\nAuthorization: Bearer x\r\n\r\n";
    expect(await answersTo(post(["Transfer-Encoding: chunked"], trailers) + live())).toEqual([
      "422 invalid_request",
      "200",
    ]);
    const bytes = `GET ${LIVE} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nContent-Length: ${live().length}\r\n\r\n${live()}`;
    expect(await answersTo(bytes)).toEqual(["200"]);
  });

  test("HTTP/2 by prior knowledge, TLS and CONNECT are told that this is none of it, upgrades are not taken up", async () => {
    for (const protocol of ["websocket", "h2c"]) {
      const upgrade = ["Connection: Upgrade", `Upgrade: ${protocol}`, "Content-Length: 2"];
      expect(await answersTo(post(upgrade, "{}"), true)).toEqual(["422 invalid_request"]);
    }
    expect(await answersTo("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")).toEqual(["400 bad_request"]);
    expect(await answersTo("\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03")).toEqual(["400 bad_request"]);
    expect(await answersTo(`CONNECT evil.example:80 HTTP/1.1\r\nHost: ${host}\r\n\r\n`)).toEqual([
      "405 method_not_allowed",
    ]);
  });
});

describe("every answer", () => {
  test("has its request id and the security headers, and none says who serves it", async () => {
    const answers = [
      await send(`GET ${LIVE}`),
      await send("GET /nothing"),
      await send("GET /api/v1/users/me"),
      await send("GET /", ["Host: evil.example"]),
      await send("FOO /"),
    ];
    for (const { headers } of answers) {
      expect(headers["x-request-id"]).toMatch(/^[\w-]{36}$/);
      expect(headers).toMatchObject({
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "cache-control": "no-store",
      });
      expect(headers.server ?? headers["x-powered-by"]).toBeUndefined();
    }
    const given = await send(`GET ${LIVE}`, [`Host: ${host}`, "X-Request-ID: my-request-0001"]);
    expect(given.headers["x-request-id"]).toBe("my-request-0001");
    const bad = await send(`GET ${LIVE}`, [`Host: ${host}`, "X-Request-ID: <script>"]);
    expect(bad.headers["x-request-id"]).toMatch(/^[\w-]{36}$/);
  });

  test("the server lives after all this, and said nothing of a fault of its own", async () => {
    expect((await send("GET /api/v1/health/ready")).status).toBe(200);
    expect(stack.server.output()).not.toMatch(/"level":(50|60)/);
  });
});
