import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import { askServer, serverUrl } from "../../../../mac-node/program/ask-server.ts";

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(handle: RequestListener): Promise<{ url: string }> {
  const listening = createServer(handle);
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}` };
}

describe("the address of a server", () => {
  test.each([
    ["https://m.example.com/", "https://m.example.com"],
    ["m.example.com", "https://m.example.com"],
    ["https://m.example.com/jarvis/", "https://m.example.com/jarvis"],
    ["https://m.example.com/api/v1", "https://m.example.com"],
    ["http://127.0.0.1:3000", "http://127.0.0.1:3000"],
    ["http://[::1]:3000", "http://[::1]:3000"],
    ["http://localhost:3000", "http://localhost:3000"],
  ])("%s is %s", (text, url) => {
    expect(serverUrl(text)).toBe(url);
  });

  test.each([
    ["http://192.168.1.2:3000", "not_https"],
    ["http://localhost.evil.example", "not_https"],
    ["ftp://m.example.com", "bad_url"],
    ["https://user:password@m.example.com", "bad_url"],
    ["https://m.example.com/?a=1", "bad_url"],
    ["https://", "bad_url"],
    ["", "bad_url"],
  ])("%s is refused (%s)", (text, kind) => {
    expect(() => serverUrl(text)).toThrow(
      expect.objectContaining({ problem: expect.objectContaining({ kind }) }),
    );
  });
});

describe("a request", () => {
  test("follows no redirect: the code goes to the server that was named", async () => {
    const seen: string[] = [];
    const access = await serve((request, response) => {
      seen.push(request.url ?? "");
      response.writeHead(307, { location: "/elsewhere" }).end("{}");
    });
    await expect(askServer(access, "/x", {})).resolves.toMatchObject({ status: 307 });
    expect(seen).toEqual(["/api/v1/x"]);
  });

  test("to what speaks no JSON is told as no MacJarvis", async () => {
    const access = await serve((_request, response) => response.writeHead(404).end("<html>"));
    await expect(askServer(access, "/x", {})).rejects.toMatchObject({
      problem: { kind: "not_macjarvis", status: 404 },
    });
  });

  test("takes no endless answer", async () => {
    const access = await serve((_request, response) => {
      const more = () => response.write("x".repeat(65_536), () => setImmediate(more));
      more();
    });
    await expect(askServer(access, "/x", {})).rejects.toMatchObject({ problem: { kind: "unreachable" } });
  });

  test("is ended by its signal", async () => {
    const access = await serve(() => {});
    const stopper = new AbortController();
    const asked = askServer(access, "/x", {}, stopper.signal);
    stopper.abort();
    await expect(asked).rejects.toMatchObject({ name: "AbortError" });
  });
});
