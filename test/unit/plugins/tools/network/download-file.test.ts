// download_file against real servers on loopback, which `isAllowed` lets through where a test needs one.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { ToolResult } from "../../../../../contracts/tools.ts";
import { fileResult } from "../../../../../lib/files/file-problem.ts";
import { isPublicAddress } from "../../../../../lib/net/public-address.ts";
import { type SaveOptions, saveUrl } from "../../../../../plugins/tools/network/download/save-url.ts";
import downloadFile from "../../../../../plugins/tools/network/download-file.ts";
import { fakeCommands } from "../../../../support/fake-commands.ts";
import { type TestContext, toolContext } from "../../../../support/tool-context.ts";
import { waitFor } from "../../../../support/wait-for.ts";

let context: TestContext;
const closers: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  context = await toolContext(["secret"]);
  await mkdir(join(context.root, "secret"));
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  await context.remove();
});

async function website(handler: RequestListener): Promise<{ url: string; hits: string[] }> {
  const hits: string[] = [];
  const server = createServer((request, response) => {
    hits.push(request.url ?? "");
    handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`, hits };
}

const reachable = { isAllowed: (address: string) => address === "127.0.0.1" || isPublicAddress(address) };
/** As the tool does it, with a server of this test within reach. */
async function download(
  args: Record<string, unknown>,
  options: SaveOptions = reachable,
): Promise<ToolResult> {
  const parsed = downloadFile.parameters.parse({ output_path: "out.bin", ...args });
  return fileResult(parsed.output_path, () => saveUrl(parsed, context, options)).catch(
    (thrown: { code: string; message: string }) => ({
      ok: false,
      error: { code: thrown.code, message: thrown.message },
    }),
  );
}
const entries = async () => (await readdir(context.root)).toSorted();
const out = () => join(context.root, "out.bin");

describe("download_file", () => {
  test("saves a body of any size as it is, with its hash, and leaves nothing else behind", async () => {
    const body = Buffer.alloc(5_000_000, "0123456789\0");
    const { url } = await website((_request, response) => {
      response.writeHead(200, { "content-type": "application/octet-stream" });
      for (let at = 0; at < body.length; at += 500_000) response.write(body.subarray(at, at + 500_000));
      response.end();
    });
    expect(await download({ url })).toEqual({
      ok: true,
      data: {
        path: out(),
        bytes: body.length,
        final_url: url,
        status: 200,
        content_type: "application/octet-stream",
        redirects: [],
        address: "127.0.0.1",
        sha256: createHash("sha256").update(body).digest("hex"),
      },
    });
    expect((await readFile(out())).equals(body)).toBe(true);
    expect(await entries()).toEqual(["out.bin", "secret"]);
    expect((await stat(out())).mode & 0o111).toBe(0);
  });

  test("asks for no compression, and says so where it is sent all the same", async () => {
    let asked: string | undefined;
    const { url } = await website((request, response) => {
      asked = request.headers["accept-encoding"] as string;
      response.writeHead(200, { "content-encoding": "gzip" }).end("zipped");
    });
    expect(await download({ url })).toMatchObject({ data: { content_encoding: "gzip", bytes: 6 } });
    expect(asked).toBe("identity");
  });

  test("an existing file stays as it is, and nothing is asked of the server", async () => {
    await writeFile(out(), "mine");
    const { url, hits } = await website((_request, response) => void response.end("theirs"));
    const { error } = await download({ url });
    expect(error).toMatchObject({ code: "exists", message: expect.stringContaining("choose another path") });
    expect(error?.message).not.toContain("overwrite");
    expect(await readFile(out(), "utf8")).toBe("mine");
    expect(hits).toEqual([]);
  });

  test("a file that comes into being meanwhile stays too", async () => {
    const { url } = await website((_request, response) => {
      void writeFile(out(), "mine").then(() => response.end("theirs"));
    });
    expect(await download({ url })).toMatchObject({ ok: false, error: { code: "exists" } });
    expect(await readFile(out(), "utf8")).toBe("mine");
    expect(await entries()).toEqual(["out.bin", "secret"]);
  });

  test.each([
    ["announced", true],
    ["not announced", false],
  ])("what is larger than max_bytes is not kept, be it %s", async (_how, isAnnounced) => {
    const { url } = await website((_request, response) => {
      response.writeHead(200, isAnnounced ? { "content-length": 1_001 } : {});
      response.end(Buffer.alloc(1_001));
    });
    expect(await download({ url, max_bytes: 1_000 })).toMatchObject({
      ok: false,
      error: { code: "too_large" },
    });
    expect(await download({ url, max_bytes: 1_001, output_path: "fits" })).toMatchObject({ ok: true });
    expect(await entries()).toEqual(["fits", "secret"]);
  });

  test("a connection that breaks off leaves nothing behind", async () => {
    const { url } = await website((_request, response) => {
      response.writeHead(200, { "content-length": 1_000 });
      response.write("half", () => response.destroy());
    });
    expect(await download({ url })).toMatchObject({ ok: false, error: { code: "broke_off" } });
    expect(await entries()).toEqual(["secret"]);
  });

  test("the connection is dropped with what is left of the body", async () => {
    let isOpen = true;
    const { url } = await website((request, response) => {
      request.socket.once("close", () => {
        isOpen = false;
      });
      response.writeHead(200).write(Buffer.alloc(2_000));
    });
    expect(await download({ url, max_bytes: 1_000 })).toMatchObject({ error: { code: "too_large" } });
    await waitFor("the connection is dropped", () => !isOpen);
  });

  test("cancelling ends it and leaves nothing behind", async () => {
    const { url } = await website((_request, response) => {
      response.writeHead(200).write("a beginning", () => context.abort());
    });
    expect((await download({ url })).ok).toBe(false);
    expect(await entries()).toEqual(["secret"]);
  });

  test("a status that is no success is said, and its page is not saved", async () => {
    const { url } = await website((_request, response) => void response.writeHead(404).end("not here"));
    expect(await download({ url })).toMatchObject({
      error: { code: "http_error", message: expect.stringContaining("404") },
    });
    expect(await entries()).toEqual(["secret"]);
  });

  test("G28 refuses private addresses, given or redirected to, and then nothing is written", async () => {
    const inner = await website((_request, response) => void response.end("secret"));
    expect(await download({ url: inner.url }, {})).toMatchObject({ error: { code: "address_refused" } });
    const away =
      (location: string): RequestListener =>
      (_request, response) =>
        void response.writeHead(302, { location }).end();
    for (const location of ["http://169.254.169.254/latest/meta-data", "http://10.0.0.1/", "http://[::1]/"]) {
      const outer = await website(away(location));
      expect(await download({ url: outer.url })).toMatchObject({ error: { code: "address_refused" } });
    }
    const toFile = await website(away("file:///etc/passwd"));
    expect(await download({ url: toFile.url })).toMatchObject({ error: { code: "invalid_url" } });
    expect(inner.hits).toEqual([]);
    expect(await entries()).toEqual(["secret"]);
  });

  test("G30 sends to no host that nobody was asked about, not after a redirect either", async () => {
    const outer = await website(
      (_request, response) => void response.writeHead(302, { location: "http://other.example/" }).end(),
    );
    context.mayReach = (host) => host === "127.0.0.1";
    expect(await download({ url: outer.url })).toMatchObject({ error: { code: "host_not_asked" } });
    context.mayReach = () => false;
    expect(await download({ url: outer.url })).toMatchObject({ error: { code: "host_not_asked" } });
    expect(outer.hits).toHaveLength(1);
    const { egress, changes } = downloadFile;
    expect(egress?.({ url: "https://Example.com:8443/x?y", output_path: "x", max_bytes: 1 })).toEqual([
      "example.com",
    ]);
    expect(changes).toEqual(["output_path"]);
  });

  test("G27 writes to no place outside, hidden, or reached by a link, and asks no server then", async () => {
    await symlink("/tmp", join(context.root, "outside"));
    await symlink(join(context.root, "secret"), join(context.root, "inside"));
    const { url, hits } = await website((_request, response) => void response.end("x"));
    for (const output_path of ["/etc/x", "../x", "outside/x", "secret/x", "inside/x", "/proc/self/x"])
      expect({ output_path, ...(await download({ url, output_path })) }).toMatchObject({
        error: { code: "not_allowed" },
      });
    expect(await download({ url, output_path: "missing/x" })).toMatchObject({ error: { code: "not_found" } });
    expect(await download({ url, output_path: "." })).toMatchObject({ ok: false });
    expect(hits).toEqual([]);
  });

  test("on macOS the file is marked as downloaded, and a volume that cannot is said", async () => {
    const { url } = await website((_request, response) => void response.end("x"));
    const mac = fakeCommands({ "/usr/bin/xattr": "" });
    context.run = mac.run;
    const options = { ...reachable, platform: "darwin" as const };
    expect(await download({ url }, options)).toMatchObject({ data: { marked_as_downloaded: true } });
    expect(mac.calls.map(({ argv }) => argv)).toEqual([
      [
        "/usr/bin/xattr",
        "-w",
        "-s",
        "com.apple.quarantine",
        expect.stringMatching(/^0081;[0-9a-f]{8};MacJarvis;[0-9A-F-]{36}$/),
        out(),
      ],
    ]);
    context.run = fakeCommands({}).run;
    expect(await download({ url, output_path: "other" }, options)).toMatchObject({
      ok: true,
      data: { marked_as_downloaded: false },
    });
  });

  test("refuses arguments that do not fit", () => {
    const fits = (args: object) =>
      downloadFile.parameters.safeParse({ url: "https://a.example/", output_path: "x", ...args }).success;
    expect(fits({})).toBe(true);
    for (const args of [
      { max_bytes: 0 },
      { max_bytes: 2 ** 40 },
      { overwrite: true },
      { url: "" },
      { output_path: "" },
      { url: "x".repeat(2_001) },
    ])
      expect(fits(args)).toBe(false);
  });
});
