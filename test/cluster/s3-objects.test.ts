// Objects on a server that speaks S3: the port's contract, and what happens when it is away, cut off, silent or not ours to use.
// fauxqs accepts any credentials; how a store refuses them is answered by a server of the test, in the words of S3.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { LocalServer } from "../../bin/cluster/servers/local-server.ts";
import { openS3, type S3, type S3Options } from "../../lib/cluster/s3/open-s3.ts";
import { objectsContract } from "../support/contracts/objects-contract.ts";
import { startS3 } from "../support/servers/s3.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { waitFor } from "../support/wait-for.ts";

const SECRET = "se/cret+1";
const TEXT = { contentType: "text/plain" };
const AWAY = { type: "store_unavailable", data: { retryAfterMs: expect.any(Number) } };
/** fauxqs takes 11 MB in one request; S3 takes 5 GB. */
const BIG_MEGABYTES = 10;
const BIG = Buffer.alloc(BIG_MEGABYTES * 1_000_000, "x");

let server: LocalServer;
let admin: S3Client;
beforeAll(async () => {
  server = await startS3();
  const credentials = { accessKeyId: "key", secretAccessKey: SECRET };
  admin = new S3Client({ endpoint: server.url, region: "us-east-1", credentials, forcePathStyle: true });
  await admin.send(new CreateBucketCommand({ Bucket: "objects" }));
});
afterAll(async () => {
  admin.destroy();
  await server.stop();
});

let opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of opened) await one.close();
  opened = [];
});
const urlOf = (port: number, path: string) =>
  `http://key:${encodeURIComponent(SECRET)}@127.0.0.1:${port}/${path}`;
function open(options: Partial<S3Options> & { port?: number; path?: string } = {}): S3 {
  const { port = server.port, path = "objects", ...others } = options;
  const s3 = openS3({ url: urlOf(port, path), ...others });
  opened.push(s3);
  return s3;
}
async function behind(port = server.port): Promise<TcpProxy> {
  const proxy = await startTcpProxy(port);
  opened.push({ close: () => proxy.stop() });
  return proxy;
}

let prefixes = 0;
objectsContract(
  "S3",
  async (options) => {
    prefixes += 1;
    const s3 = openS3({ url: urlOf(server.port, `objects/contract-${prefixes}`), ...options });
    return { objects: s3.objects, close: () => s3.close() };
  },
  BIG_MEGABYTES,
);

describe("objects on S3", () => {
  test("clusters with a prefix each do not see each other", async () => {
    const [one, two] = [open({ path: "objects/one" }), open({ path: "objects/two" })];
    await one.objects.put("a", Buffer.from("1"), TEXT);
    expect([await two.objects.head("a"), await two.objects.list("")]).toEqual([null, []]);
    expect(await one.check()).toBeUndefined();
  });

  test("a temporary address gives the object to whoever has it", async () => {
    const { objects } = open();
    await objects.put("shared", Buffer.from("for you"), TEXT);
    const url = (await objects.temporaryUrl("shared", 60)) ?? "";
    expect(url).not.toContain(SECRET);
    expect(url).toContain("X-Amz-Expires=60");
    expect(await (await fetch(url)).text()).toBe("for you");
    await expect(objects.temporaryUrl("shared", 0)).rejects.toMatchObject({ type: "invalid_request" });
  });

  test("what was changed behind our back, or never had a sum, is noticed", async () => {
    const { objects } = open();
    const put = (Metadata: Record<string, string>) =>
      admin.send(new PutObjectCommand({ Bucket: "objects", Key: "macjarvis/bad", Body: "x", Metadata }));
    await put({ sha256: "0".repeat(64) });
    await expect(objects.read("bad", 9)).rejects.toMatchObject({ type: "store_damaged" });
    await put({});
    await expect(objects.get("bad")).rejects.toMatchObject({ type: "store_damaged" });
  });

  test("a server that is away at start fails what is asked, in words, and is used when it comes", async () => {
    const proxy = await behind();
    proxy.refuse();
    const warnings: string[] = [];
    const s3 = open({
      port: proxy.port,
      log: { warn: (text: unknown) => warnings.push(String(text)) } as never,
    });
    expect(await s3.check()).toMatch(/refused.*S3_URL/);
    for (let i = 0; i < 2; i += 1)
      await expect(s3.objects.put("a", Buffer.from("x"), TEXT)).rejects.toMatchObject(AWAY);
    await expect(s3.objects.get("a")).rejects.toMatchObject(AWAY);
    expect(warnings).toHaveLength(1);
    expect(warnings.join()).not.toContain("cret");
    await proxy.heal();
    await s3.objects.put("a", Buffer.from("x"), TEXT);
    expect(await s3.check()).toBeUndefined();
  });

  test("the server may be restarted between two requests: a connection that ended unseen fails nothing", async () => {
    const { objects } = open();
    await objects.put("stays", Buffer.from("x"), TEXT);
    await server.restart();
    await objects.put("stays", streamOf(BIG), TEXT);
    expect((await objects.head("stays"))?.size).toBe(BIG.length);
  });

  test("a put whose connection is cut, again and again, fails and leaves what was there", async () => {
    const proxy = await behind();
    const { objects } = open({ port: proxy.port });
    await objects.put("cut", Buffer.from("before"), TEXT);
    proxy.delay(20);
    const cutting = setInterval(() => proxy.cut(), 60);
    try {
      await expect(objects.put("cut", streamOf(BIG), TEXT)).rejects.toMatchObject(AWAY);
      await expect(objects.put("cut", BIG, TEXT)).rejects.toMatchObject(AWAY);
    } finally {
      clearInterval(cutting);
    }
    expect((await open().objects.read("cut", 100))?.bytes.toString()).toBe("before");
  });

  test("a read that is cut fails, and never looks like the whole", async () => {
    const proxy = await behind();
    const { objects } = open({ port: proxy.port });
    await objects.put("whole", BIG, TEXT);
    const got = await objects.get("whole");
    let size = 0;
    const reading = (async () => {
      for await (const piece of got?.stream ?? []) {
        size += piece.length;
        proxy.cut();
      }
    })();
    await expect(reading).rejects.toMatchObject(AWAY);
    expect(size).toBeLessThan(BIG.length);
    // Cut while nobody reads.
    const idle = await objects.get("whole");
    proxy.cut();
    await expect(idle?.stream.toArray()).rejects.toMatchObject(AWAY);
    expect((await objects.read("whole", BIG.length))?.bytes.equals(BIG)).toBe(true);
  });

  test("a server that says nothing any more is given up in bounded time: before the answer and in its middle", async () => {
    const proxy = await behind();
    const patient = open({ port: proxy.port }).objects;
    const { objects, check } = open({ port: proxy.port, patienceMs: 1_000 });
    await patient.put("silent", BIG, TEXT);
    const got = await waitFor("its beginning", () => objects.get("silent").catch(() => null));
    proxy.swallow();
    await expect(got?.stream.toArray()).rejects.toMatchObject(AWAY);
    await expect(objects.put("silent", streamOf(BIG), TEXT)).rejects.toMatchObject(AWAY);
    await expect(objects.head("silent")).rejects.toMatchObject(AWAY);
    await expect(objects.list("")).rejects.toMatchObject(AWAY);
    expect(await check()).toMatch(/in time/);
    await proxy.heal();
    proxy.cut();
    expect((await patient.head("silent"))?.size).toBe(BIG.length);
  });

  test("a frozen server is given up and used again when it goes on", async () => {
    const { objects } = open({ patienceMs: 1_000 });
    await server.pause();
    try {
      await expect(objects.put("frozen", Buffer.from("x"), TEXT)).rejects.toMatchObject(AWAY);
    } finally {
      server.resume();
    }
    await waitFor("an answer", () => objects.put("frozen", Buffer.from("y"), TEXT).catch(() => null));
    const read = await waitFor("it is read", () => objects.read("frozen", 9).catch(() => null));
    expect(read.bytes.toString()).toBe("y");
  });

  test("one that is slow is waited for while pieces come", async () => {
    const proxy = await behind();
    const { objects } = open({ port: proxy.port, patienceMs: 5_000 });
    proxy.delay(50);
    await objects.put("slow", streamOf(BIG.subarray(0, 3_000_000)), TEXT);
    const got = await objects.get("slow");
    let size = 0;
    for await (const piece of got?.stream ?? []) size += piece.length;
    expect(size).toBe(3_000_000);
  });

  test("a bucket that is not there is said, also where nothing is looked for but one object", async () => {
    const s3 = open({ path: "nowhere" });
    expect(await s3.check()).toMatch(/bucket does not exist. Make the bucket, or correct it in S3_URL/);
    const { objects } = s3;
    const requests = [
      () => objects.head("a"),
      () => objects.get("a"),
      () => objects.put("a", Buffer.from("x"), TEXT),
      () => objects.list(""),
    ];
    for (const ask of requests) await expect(ask()).rejects.toMatchObject(AWAY);
  });

  test.each([
    ["InvalidAccessKeyId", 403, /access key\. Check key and secret in S3_URL/],
    ["SignatureDoesNotMatch", 403, /secret\. Check key and secret in S3_URL/],
    ["AccessDenied", 403, /may not.*s3:GetObject/],
    ["SlowDown", 503, /too much/],
  ])("%s is said in words, without the secret", async (code, status, words) => {
    const refusing = createServer((request, response) => {
      request.resume();
      response.writeHead(status, { "content-type": "application/xml" });
      response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>no ${SECRET}</Message></Error>`);
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => refusing.once("listening", resolve));
    opened.push({ close: () => refusing.close() });
    const s3 = open({ port: (refusing.address() as AddressInfo).port });
    const said = await s3.check();
    expect(said).toMatch(words);
    const error = await s3.objects.put("a", Buffer.from("x"), TEXT).catch((thrown: Error) => thrown);
    expect(error).toMatchObject(AWAY);
    expect(`${said} ${(error as Error).message}`).not.toContain(SECRET);
  });

  test("what answers and is no S3 store is said", async () => {
    const other = createServer((request, response) => {
      request.resume();
      response.end("<html>hello");
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    opened.push({ close: () => other.close() });
    expect(await open({ port: (other.address() as AddressInfo).port }).check()).toMatch(/no S3 store/);
  });

  test("closing ends what is under way and what comes later, and may be repeated", async () => {
    const s3 = open();
    await s3.objects.put("closing", BIG, TEXT);
    const got = await s3.objects.get("closing");
    await Promise.all([s3.close(), s3.close()]);
    await expect(got?.stream.toArray()).rejects.toMatchObject(AWAY);
    await expect(s3.objects.head("closing")).rejects.toMatchObject(AWAY);
  });

  test.each([
    ["ftp://k:s@127.0.0.1/b", /no address/],
    ["http://127.0.0.1/bucket", /access key and secret/],
    ["http://k:topsecret@s3.example.com/bucket", /plain text/],
    ["https://k:topsecret@s3.example.com/", /no bucket/],
    ["https://k:topsecret@s3.example.com/bucket?tls=no", /no setting "tls"/],
    ["https://k:topsecret@s3.example.com/bucket/UP", /behind the bucket/],
    ["https://k:%zz@s3.example.com/bucket", /percent/],
  ])("S3_URL %s is refused in words", (url, words) => {
    expect(() => openS3({ url })).toThrow(words);
    expect(() => openS3({ url })).not.toThrow("topsecret");
  });

  test("nothing is taken from the variables that the SDK knows", async () => {
    const before = { ...process.env };
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: "other",
      AWS_SECRET_ACCESS_KEY: "other",
      AWS_REGION: "eu-west-9",
      AWS_ENDPOINT_URL: "http://127.0.0.1:9",
      AWS_ENDPOINT_URL_S3: "http://127.0.0.1:9",
    });
    try {
      const { objects } = open();
      await objects.put("env", Buffer.from("x"), TEXT);
      expect(await objects.temporaryUrl("env", 60)).toMatch(/X-Amz-Credential=key%2F\d+%2Fus-east-1/);
    } finally {
      for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
      Object.assign(process.env, before);
    }
  });
});

async function* streamOf(bytes: Buffer): AsyncIterable<Uint8Array> {
  for (let i = 0; i < bytes.length; i += 500_000) yield bytes.subarray(i, i + 500_000);
}
