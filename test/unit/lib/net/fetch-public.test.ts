// fetchPublic against real servers on loopback, which `isAllowed` lets through where a test needs one.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, createServer as createSocketServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, describe, expect, test } from "@jest/globals";
import { checkWebsite as checkReachable } from "../../../../lib/net/check-website.ts";
import { type FetchOptions, fetchPublic as fetchReachable } from "../../../../lib/net/fetch-public.ts";
import { isPublicAddress } from "../../../../lib/net/public-address.ts";

const signal = new AbortController().signal;

/** Every host was asked about, unless a test says otherwise. */
type Options = Omit<FetchOptions, "mayReach"> & Partial<Pick<FetchOptions, "mayReach">>;
const everywhere = { mayReach: () => true };
const fetchPublic = (url: string, options: Options) => fetchReachable(url, { ...everywhere, ...options });
const checkWebsite = (url: string, options: Options) => checkReachable(url, { ...everywhere, ...options });
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** Only the server of the test itself, beside what is public. */
const withLoopback = (address: string) => address === "127.0.0.1" || isPublicAddress(address);
const loopback = async () => [{ address: "127.0.0.1", family: 4 }];

async function listen(server: Server & { closeAllConnections?(): void }): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  closers.push(async () => {
    server.closeAllConnections?.();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

async function website(handler: RequestListener): Promise<{ port: number; hits: string[] }> {
  const hits: string[] = [];
  const server = createServer((request, response) => {
    hits.push(request.url ?? "");
    handler(request, response);
  });
  return { port: await listen(server), hits };
}

const redirectTo = (location: string): RequestListener => {
  return (_request, response) => void response.writeHead(302, { location }).end();
};
const ok: RequestListener = (_request, response) => void response.end("fine");

describe("G30 fetchPublic sends to no host that was not asked about", () => {
  test("and looks no name up for it, be it given or redirected to, also under another spelling", async () => {
    const target = await website(ok);
    const lookedUp: string[] = [];
    const lookup = async (name: string) => {
      lookedUp.push(name);
      return [{ address: "127.0.0.1", family: 4 }];
    };
    const leak = `http://s3cret.evil.example:${target.port}/?leak=text`;
    const start = await website(redirectTo(leak));
    const mayReach = (host: string) => host === "start.example";
    const options = { signal, lookup, isAllowed: withLoopback, mayReach };
    for (const url of [
      leak,
      leak.toUpperCase().replace("HTTP", "http"),
      leak.replace("example:", "example.:"),
    ])
      expect(await fetchPublic(url, options)).toMatchObject({ ok: false, error: { code: "host_not_asked" } });
    expect(lookedUp).toEqual([]);
    const redirected = await fetchPublic(`http://start.example:${start.port}/`, options);
    expect(redirected).toMatchObject({
      ok: false,
      error: {
        code: "host_not_asked",
        message: expect.stringContaining("redirects to s3cret.evil.example,"),
      },
    });
    expect(JSON.stringify(redirected)).not.toContain("leak=text");
    expect([lookedUp, target.hits]).toEqual([["start.example"], []]);
  });

  test("while a redirect on the same host, or to one that was allowed, is followed", async () => {
    const target = await website(ok);
    const lookup = loopback;
    const start = await website((request, response) => {
      const to = request.url === "/" ? "/again" : `http://other.example:${target.port}/`;
      response.writeHead(302, { location: to }).end();
    });
    const mayReach = (host: string) => ["start.example", "other.example"].includes(host);
    const options = { signal, lookup, isAllowed: withLoopback, mayReach };
    const result = await fetchPublic(`http://start.example:${start.port}/`, options);
    expect(result).toMatchObject({ ok: true, status: 200 });
    if (result.ok) await result.close();
    expect(start.hits).toEqual(["/", "/again"]);
  });
});

describe("fetchPublic", () => {
  test.each([
    "http://127.0.0.1",
    "http://2130706433",
    "http://0x7f000001",
    "http://0177.0.0.1",
    "http://127.1",
    "http://[::1]",
    "http://[::ffff:127.0.0.1]",
    "http://[::ffff:7f00:1]",
    "http://localhost",
  ])("G28 refuses %s before a connection reaches the server", async (origin) => {
    const { port, hits } = await website(ok);
    const result = await fetchPublic(`${origin}:${port}/`, { signal });
    expect(result).toMatchObject({ ok: false, error: { code: "address_refused" } });
    expect(hits).toEqual([]);
  });

  test("G28 refuses an address without opening a socket, be it given or looked up", async () => {
    let connections = 0;
    const server = createSocketServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    const port = await listen(server);
    await fetchPublic(`http://127.0.0.1:${port}/`, { signal });
    await fetchPublic(`https://127.0.0.1:${port}/`, { signal });
    await fetchPublic(`http://innocent.example:${port}/`, { signal, lookup: loopback });
    // A connection that is allowed comes after any that was made before it.
    await fetchPublic(`http://127.0.0.1:${port}/`, { signal, isAllowed: withLoopback });
    expect(connections).toBe(1);
  });

  test("G28 refuses a name that leads to a private address, and says so", async () => {
    const { port, hits } = await website(ok);
    const result = await fetchPublic(`http://innocent.example:${port}/`, { signal, lookup: loopback });
    expect(result).toMatchObject({ ok: false, error: { code: "address_refused" } });
    expect(JSON.stringify(result)).toContain(
      "innocent.example leads to 127.0.0.1, which is this machine itself",
    );
    expect(hits).toEqual([]);
  });

  test("G28 connects to the very address that was checked: a name is looked up once a connection", async () => {
    const { port } = await website(ok);
    let looks = 0;
    const judged: string[] = [];
    // The first answer is the allowed one; whoever looks again gets an address of this machine that is not.
    const rebinding = async () => [{ address: looks++ === 0 ? "127.0.0.1" : "127.0.0.2", family: 4 }];
    const isAllowed = (address: string) => {
      judged.push(address);
      return address === "127.0.0.1";
    };
    const result = await fetchPublic(`http://rebind.example:${port}/`, {
      signal,
      lookup: rebinding,
      isAllowed,
    });
    expect(result).toMatchObject({ ok: true, status: 200, address: "127.0.0.1" });
    if (result.ok) await result.close();
    expect(looks).toBe(1);
    expect(judged).toEqual(["127.0.0.1", "127.0.0.1"]);
  });

  test("G28 hands only the allowed ones of a name's addresses to the socket", async () => {
    const { port } = await website(ok);
    const lookup = async () => [
      { address: "10.0.0.1", family: 4 },
      { address: "127.0.0.1", family: 4 },
    ];
    const result = await fetchPublic(`http://two.example:${port}/`, {
      signal,
      lookup,
      isAllowed: withLoopback,
    });
    expect(result).toMatchObject({ ok: true, address: "127.0.0.1" });
    if (result.ok) await result.close();
  });

  test.each([
    "http://127.0.0.2:1/",
    "http://[::ffff:10.0.0.1]/",
    "http://169.254.169.254/latest/meta-data",
    "//[::1]/",
  ])("G28 refuses a redirect to %s", async (location) => {
    const { port } = await website(redirectTo(location));
    const result = await fetchPublic(`http://start.example:${port}/`, {
      signal,
      lookup: loopback,
      isAllowed: withLoopback,
    });
    expect(result).toMatchObject({ ok: false, error: { code: "address_refused" } });
  });

  test("G28 refuses a redirect from a public name to http://127.0.0.1", async () => {
    const inner = await website(ok);
    let isOuter = true;
    // Up to its answer the first server counts as public, though it is on loopback too; after that nothing of ours does.
    const isAllowed = (address: string) => isOuter || isPublicAddress(address);
    const { port } = await website((request, response) => {
      isOuter = false;
      redirectTo(`http://127.0.0.1:${inner.port}/`)(request, response);
    });
    const result = await fetchPublic(`http://public.example:${port}/`, {
      signal,
      lookup: loopback,
      isAllowed,
    });
    expect(result).toMatchObject({ ok: false, error: { code: "address_refused" } });
    expect(inner.hits).toEqual([]);
  });

  test("follows redirects and says which", async () => {
    const { port, hits } = await website((request, response) => {
      if (request.url === "/one") redirectTo("/two")(request, response);
      else ok(request, response);
    });
    const origin = `http://127.0.0.1:${port}`;
    const result = await fetchPublic(`${origin}/one`, { signal, isAllowed: withLoopback });
    expect(result).toMatchObject({
      ok: true,
      url: `${origin}/two`,
      status: 200,
      redirects: [{ status: 302, from: `${origin}/one`, to: `${origin}/two` }],
      certificate: null,
    });
    if (result.ok) {
      const parts: Buffer[] = [];
      for await (const part of result.body) parts.push(part);
      expect(Buffer.concat(parts).toString()).toBe("fine");
      await result.close();
      await result.close();
    }
    expect(hits).toEqual(["/one", "/two"]);
  });

  test("gives up after ten redirects", async () => {
    const { port, hits } = await website(redirectTo("/again"));
    const result = await fetchPublic(`http://127.0.0.1:${port}/`, { signal, isAllowed: withLoopback });
    expect(result).toMatchObject({ ok: false, error: { code: "too_many_redirects" } });
    expect(hits).toHaveLength(11);
  });

  test.each([
    "ftp://example.com/",
    "file:///etc/passwd",
    "http://user:secret@example.com/",
    "http://user@example.com",
    "no",
  ])("refuses the URL %s without repeating what is in it", async (url) => {
    const result = await fetchPublic(url, { signal });
    expect(result).toMatchObject({ ok: false, error: { code: "invalid_url" } });
    expect(JSON.stringify(result)).not.toContain("secret");
  });

  test("refuses a redirect to another scheme or with credentials", async () => {
    for (const location of ["file:///etc/passwd", "http://user:secret@127.0.0.1/"]) {
      const { port } = await website(redirectTo(location));
      const result = await fetchPublic(`http://127.0.0.1:${port}/`, { signal, isAllowed: withLoopback });
      expect(result).toMatchObject({ ok: false, error: { code: "invalid_url" } });
    }
  });

  test("says when a name has no address", async () => {
    const lookup = async () => {
      throw new Error("getaddrinfo ENOTFOUND");
    };
    const result = await fetchPublic("http://nowhere.example/", { signal, lookup });
    expect(result).toMatchObject({ ok: false, error: { code: "dns_failed" } });
  });

  test("says when nobody listens", async () => {
    const server = createSocketServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    const result = await fetchPublic(`http://127.0.0.1:${port}/`, { signal, isAllowed: withLoopback });
    expect(result).toMatchObject({ ok: false, error: { code: "connect_failed" } });
  });

  test("ends with the call when the server never answers", async () => {
    const stopper = new AbortController();
    const { port } = await website(() => stopper.abort());
    const result = await fetchPublic(`http://127.0.0.1:${port}/`, {
      signal: stopper.signal,
      isAllowed: withLoopback,
    });
    expect(result).toMatchObject({ ok: false, error: { code: "timeout" } });
  });

  test("a website's check tells status, redirects and time, also when the site says it has an error", async () => {
    const { port } = await website((_request, response) => void response.writeHead(503).end("down"));
    const url = `http://127.0.0.1:${port}/`;
    const result = await checkWebsite(url, { signal, isAllowed: withLoopback });
    const data = { url, final_url: url, status: 503, redirects: [], tls: null, address: "127.0.0.1" };
    expect(result).toMatchObject({ ok: true, data: { ...data, duration_ms: expect.any(Number) } });
  });

  test("does not read a body that never ends", async () => {
    const { port } = await website((_request, response) => {
      response.writeHead(200);
      const pour = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on("drain", pour);
      pour();
    });
    const result = await fetchPublic(`http://127.0.0.1:${port}/`, { signal, isAllowed: withLoopback });
    expect(result).toMatchObject({ ok: true, status: 200 });
    if (result.ok) await result.close();
  });

  test("shows the certificate, and refuses one it does not trust", async () => {
    const folder = await mkdtemp(join(tmpdir(), "macjarvis-tls-"));
    closers.push(() => rm(folder, { recursive: true }));
    const [keyFile, certFile] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const form =
      "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /O=Test/CN=site.example";
    const names = ["-addext", "subjectAltName=DNS:site.example", "-keyout", keyFile, "-out", certFile];
    await promisify(execFile)("openssl", [...form.split(" "), ...names]);
    const cert = await readFile(certFile, "utf8");
    const port = await listen(createSecureServer({ key: await readFile(keyFile), cert }, ok));
    const url = `https://site.example:${port}/`;
    const options = { signal, lookup: loopback, isAllowed: withLoopback };
    const trusted = await fetchPublic(url, { ...options, ca: cert });
    expect(trusted).toMatchObject({ ok: true, certificate: { subject: "site.example", issuer: "Test" } });
    if (trusted.ok) {
      await trusted.close();
      const { valid_from, valid_to } = trusted.certificate ?? { valid_from: "", valid_to: "" };
      expect(Date.parse(valid_to) - Date.parse(valid_from)).toBe(30 * 86_400_000);
    }
    const checked = await checkWebsite(url, { ...options, ca: cert });
    expect(checked).toMatchObject({ ok: true, data: { tls: { subject: "site.example" } } });
    const { days_left } = (checked.data as { tls: { days_left: number } }).tls;
    expect([29, 30]).toContain(days_left);
    const untrusted = await fetchPublic(url, options);
    expect(untrusted).toMatchObject({ ok: false, error: { code: "tls_failed" } });
    const wrongName = await fetchPublic(`https://other.example:${port}/`, { ...options, ca: cert });
    expect(wrongName).toMatchObject({ ok: false, error: { code: "tls_failed" } });
  });
});
