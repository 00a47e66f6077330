// How the console is served: the page under its policy, exactly the files it may load, and nothing else of this server's disk.
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { rawRequest } from "../support/raw-http.ts";
import { type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
let html: string;
const BROWSER = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };
const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${stack.server.url}${path}`, { headers });
const named = () => [...html.matchAll(/(?:href|src)="(\/console\/[^"]+)"/g)].map(([, path = ""]) => path);

beforeAll(async () => {
  stack = await startStack();
  html = await (await get("/", BROWSER)).text();
});
afterAll(() => stack.stop());

test("a browser gets the page under its policy, a program words", async () => {
  const page = await get("/", BROWSER);
  expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(page.headers.get("content-security-policy")).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'; trusted-types dompurify",
  );
  for (const [name, value] of [
    ["x-content-type-options", "nosniff"],
    ["referrer-policy", "no-referrer"],
    ["cross-origin-opener-policy", "same-origin"],
    ["cache-control", "no-cache"],
  ] as const)
    expect(page.headers.get(name)).toBe(value);
  expect(html).not.toMatch(/<script(?![^>]*src=)|\sstyle=|\son\w+=/);
  const words = await get("/");
  expect(words.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  expect(await words.text()).toContain(`Open this address in a browser: ${stack.server.url}`);
});

test("all that the page names is there, kept for good, and what is unchanged is not sent again", async () => {
  const paths = named();
  // Few enough that no round trip waits for another: the page, and each of these at once.
  expect(paths.length).toBeGreaterThan(5);
  expect(paths.length).toBeLessThan(16);
  for (const path of paths) {
    const file = await get(path);
    expect([path, file.status, file.headers.get("cache-control")]).toEqual([
      path,
      200,
      "public, max-age=31536000, immutable",
    ]);
    await file.body?.cancel();
  }
  const etag = (await get("/", BROWSER)).headers.get("etag") ?? "";
  expect((await get("/", { ...BROWSER, "if-none-match": etag })).status).toBe(304);
  const old = await get((paths[0] ?? "").replace(/\/console\/[^/]+/, "/console/another"));
  expect([old.status, old.headers.get("cache-control")]).toEqual([200, "no-cache"]);
});

test("every module imports only files that are served, by names that a browser understands", async () => {
  const seen = new Set<string>();
  const queue = named().filter((path) => path.endsWith(".js"));
  for (const path of queue) {
    if (seen.has(path)) continue;
    seen.add(path);
    const file = await get(path);
    expect([path, file.status, file.headers.get("content-type")]).toEqual([
      path,
      200,
      "text/javascript; charset=utf-8",
    ]);
    const text = await file.text();
    for (const [, name = ""] of text.matchAll(/\b(?:import\(?|from)\s*["'`](\.[^"'`]+)["'`]/g)) {
      expect([path, name]).toEqual([path, expect.stringMatching(/^\.\/[\w.-]+\.js$/)]);
      queue.push(new URL(name, `http://x${path}`).pathname);
    }
  }
  // The pages that are opened later are among them.
  expect([...seen].map((path) => path.split("/").at(-1))).toEqual(
    expect.arrayContaining(["main.js", "session-page.js", "settings-page.js"]),
  );
});

test("every picture that the styles name is served", async () => {
  const path = named().find((one) => one.endsWith(".css")) ?? "";
  const pictures = [...(await (await get(path)).text()).matchAll(/url\("([^"]+)"\)/g)];
  expect(pictures.length).toBeGreaterThan(0);
  for (const [, name = ""] of pictures) {
    const picture = await get(new URL(name, `http://x${path}`).pathname);
    expect([name, picture.status, picture.headers.get("content-type")]).toEqual([name, 200, "image/svg+xml"]);
  }
});

test("each encoding that a browser takes has the same text", async () => {
  const path = named().find((one) => one.endsWith("/main.js")) ?? "";
  const texts = new Set<string>();
  for (const [accepted, coding] of [
    ["br, gzip", "br"],
    ["gzip;q=0.5, deflate", "gzip"],
    ["br;q=0, gzip;q=0.0", null],
    ["identity", null],
  ] as const) {
    const response = await get(path, { "accept-encoding": accepted });
    expect([accepted, response.headers.get("content-encoding")]).toEqual([accepted, coding]);
    expect(response.headers.get("vary")).toContain("Accept-Encoding");
    texts.add(await response.text());
  }
  expect(texts.size).toBe(1);
});

test.each([
  "/console/x/..%2f..%2fpackage.json",
  "/console/x/%2e%2e%2fpackage.json",
  "/console/x/package.json",
  "/console/x/__proto__",
  "/console/x/constructor",
  "/console/x/zod.index.js",
  "/console/../package.json",
  "/console/x",
  "/console",
  "/web/main.ts",
  "/node_modules/preact/package.json",
  "/index.html",
  "/sessions/ses_1",
])("%s is nothing", async (path) => {
  const { host } = new URL(stack.server.url);
  const response = await rawRequest(
    stack.server.url,
    `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAccept: ${BROWSER.accept}\r\n\r\n`,
  );
  expect([response.status, JSON.parse(response.body).code]).toEqual([404, "not_found"]);
});
